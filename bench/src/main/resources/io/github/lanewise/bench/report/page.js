// Points at one series in every chart of the same kind: hover over a line or its name; a click holds it.
(() => {
  let held = null;
  const show = name => {
    for (const svg of document.querySelectorAll('.wide svg')) {
      const marks = [...svg.querySelectorAll('[data-series]')];
      const has = name !== null && marks.some(mark => mark.dataset.series === name);
      svg.classList.toggle('focus', has);
      for (const mark of marks) mark.classList.toggle('on', has && mark.dataset.series === name);
    }
  };
  const nameOf = event => event.target.closest?.('[data-series]')?.dataset.series ?? null;
  document.addEventListener('pointerover', event => show(nameOf(event) ?? held));
  document.addEventListener('click', event => { held = nameOf(event) === held ? null : nameOf(event); show(held); });
})();

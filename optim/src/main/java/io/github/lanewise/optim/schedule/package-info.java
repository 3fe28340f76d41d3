/// Learning rates that change from step to step, with PyTorch's names, defaults and values.
///
/// A [Schedule][io.github.lanewise.optim.schedule.Schedule] is an immutable description: it says
/// which learning rate is in force at each step, and changes nothing. A
/// [Scheduler][io.github.lanewise.optim.schedule.Scheduler] counts the steps of a run, sets the
/// learning rate (and the momentum, if the schedule moves it) of an optimizer, and can be saved and
/// restored. [ReduceLrOnPlateau][io.github.lanewise.optim.schedule.ReduceLrOnPlateau] is no
/// schedule, since it follows a metric and not a count of steps; it has a driver of its own.
///
/// All is computed in double. The rates equal those of `torch.optim.lr_scheduler` within 1e-12
/// relative.
package io.github.lanewise.optim.schedule;

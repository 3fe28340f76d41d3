/// Optimizers: they change parameters by their gradients, so that a loss falls.
///
/// Lanewise has PyTorch's names, defaults and order of operations for each optimizer that PyTorch
/// has, and those of the paper for the others. The rules are the records of `optim.rule`, the
/// learning-rate schedules are in `optim.schedule`, and L-BFGS is in `optim.lbfgs`.
///
/// # States that PyTorch has saved
///
/// [Optimizer][io.github.lanewise.optim.Optimizer] takes PyTorch's own state if Python saves it so:
///
/// ```python
/// state = optimizer.state_dict()
/// tensors = {f"state.{i}.{k}": v for i, s in state["state"].items() for k, v in s.items()}
/// metadata = {f"param_groups.{i}.{k}": str(v)
///             for i, group in enumerate(state["param_groups"]) for k, v in group.items()}
/// safetensors.torch.save_file(tensors, "optimizer.safetensors", metadata)
/// ```
///
/// # The conventions of PyTorch, Optax and Keras
///
/// Libraries give the same name to optimizers that differ: in where epsilon stands, in how the
/// moments are corrected, in what weight decay means, and in the defaults. Two runs with equal
/// settings then go different ways. The tables say what each library does, so that settings can be
/// translated. Lanewise follows the column of PyTorch.
///
/// They describe PyTorch 2.13, Keras 3.16 (`keras/src/optimizers`) and Optax in 2026
/// (`optax/_src/alias.py`, `optax/contrib`), read in their sources. A dash: the library has no such
/// optimizer.
///
/// In the formulas p is a parameter, g its gradient, m and v are the first and the second moment, t
/// is the number of the step from 1 on, lr the learning rate, wd the weight decay, and eps epsilon.
/// A hat marks a moment after bias correction: mHat = m / (1 - beta1^t), vHat = v / (1 - beta2^t).
///
/// ## Where epsilon stands
///
/// | | PyTorch | Optax | Keras |
/// |---|---|---|---|
/// | Adam, AdamW | sqrt(vHat) + eps | sqrt(vHat + eps_root) + eps | epsilon-hat |
/// | AMSGrad | as Adam, with the largest v | as Adam, with the largest vHat | as PyTorch, hat |
/// | NAdam | sqrt(vHat) + eps | sqrt(vHat + eps_root) + eps | sqrt(vHat) + eps |
/// | RAdam | (sqrt(v) + eps) / sqrt(1 - beta2^t) | sqrt(vHat + eps_root) + eps | - |
/// | Adamax | u = max(beta2 u, abs(g) + eps) | as PyTorch | u + eps |
/// | RMSprop | sqrt(v) + eps | sqrt(v + eps) | sqrt(v + eps) |
/// | Adagrad | sqrt(sum) + eps | sqrt(sum + eps) | sqrt(sum + eps) |
/// | Adadelta | sqrt(u + eps) / sqrt(v + eps) | as PyTorch | as PyTorch |
/// | LAMB | - | sqrt(vHat + eps_root) + eps | sqrt(vHat) + eps |
/// | Adan | - | sqrt(nHat + eps_root) + eps | - |
/// | AdaBelief | - | v += eps_root in each step; sqrt(vHat) + eps | - |
/// | Adafactor | max(row col / max(mean row, eps1), eps1^2) | moments of g g + eps | as Optax |
/// | Muon | max(norm, eps) | depends on `preconditioning` | norm + 1e-7 |
///
/// - Epsilon-hat is the second form of the Adam paper: p -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m
///   / (sqrt(v) + eps). Such an epsilon acts like eps / sqrt(1 - beta2^t) in the first form: with
///   beta2 = 0.999 like 32 times as much at the first step, and like itself after some thousand.
///   PyTorch's `SparseAdam` has this form, unlike its `Adam`.
/// - Optax' `eps_root` is 0 by default, but 1e-8 in `adan`. Its `rmsprop` has `eps_in_sqrt=False`
///   for PyTorch's form; its `adagrad` makes no step while the sum is 0.
/// - An epsilon inside the root acts as its root does outside: 1e-7 inside is like 3e-4 outside.
/// - Centered RMSprop has v minus the square of the mean gradient under the root. PyTorch adds
///   epsilon outside, so that a difference rounded below 0 gives NaN; Optax and Keras add it
///   inside.
///
/// ## Bias correction
///
/// | | PyTorch | Optax | Keras |
/// |---|---|---|---|
/// | Adam, AdamW, AMSGrad | m and v | m and v | m and v, as a factor of lr |
/// | NAdam | v; m by the momentum schedule | v; m ahead of time | v; m by the schedule |
/// | RAdam | m and v, rectified if rho > 5 | the same if rho >= 5 | - |
/// | Adamax | m | m | m |
/// | RMSprop | none | none, or by `bias_correction` | none |
/// | LAMB | - | m and v | m and v |
/// | Adan | - | all three moments | - |
/// | AdaBelief | - | m and v | - |
/// | Muon | none | the momentum | none |
/// | Schedule-Free AdamW | - | v | v |
///
/// - NAdam in PyTorch has the momentum beta1 (1 - 0.96^(t momentum_decay) / 2) at step t, and
///   divides by 1 less the product of these. Keras has the same with a `momentum_decay` of 1. Optax
///   has no such schedule: beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t).
/// - AdaBelief's v holds squares of g - m. Optax takes the m of the step before, and the paper the
///   new one, as Lanewise does.
/// - Muon's momentum is a mean in PyTorch and Optax, buf += (1 - momentum) (g - buf), and a sum in
///   Keras, buf = momentum buf + g. The step is made orthogonal after that, so that the scale of
///   buf does not matter.
/// - SGD's momentum is a sum in all three. PyTorch and Optax multiply it by lr when it is used;
///   Keras keeps lr g in it, and so do Optax and Keras in RMSprop. That is the same until lr
///   changes: then the steps in the buffer keep the old one. Only PyTorch has `dampening`.
///
/// ## Weight decay
///
/// L2 adds wd p to the gradient, so that it passes through the moments. Decoupled decay takes lr wd
/// p from the parameter, beside the step.
///
/// | | PyTorch | Optax | Keras |
/// |---|---|---|---|
/// | SGD, RMSprop, Adagrad | L2, 0 | none | decoupled, none |
/// | Adadelta | L2, 0 | L2, 0 | decoupled, none |
/// | Adam, Adamax | L2, 0 | none (`adamw`, `adamaxw`: 1e-4) | decoupled, none |
/// | AdamW | decoupled, 0.01 | decoupled, 1e-4 | decoupled, 0.004 |
/// | NAdam | L2, 0, or decoupled | none (`nadamw`: 1e-4) | decoupled, none |
/// | RAdam | L2, 0, or decoupled | none | - |
/// | ASGD | L2, 0 | - | - |
/// | Lion | - | decoupled, 1e-3 | decoupled, none |
/// | LAMB | - | inside the trust ratio, 0 | outside it, none |
/// | Adan | - | decoupled, 0 | - |
/// | AdaBelief | - | none | - |
/// | Adafactor | decoupled, 0 | without lr, none | decoupled, none |
/// | Muon | decoupled, 0.1 | decoupled, 0 | decoupled, 0.004 |
///
/// - All three scale decoupled decay by lr, but for Optax' `adafactor`. Loshchilov and Hutter
///   (2019) scale it by the schedule alone: their 0.1 with an lr of 1e-3 is a wd of 100 here.
/// - Every Keras optimizer has `weight_decay` from its base class, decoupled: its `Adam` with a
///   decay is AdamW.
/// - The paper on Adan divides p by 1 + lr wd instead of taking lr wd p away.
///
/// ## Defaults
///
/// Optax has no default for lr unless one is given here.
///
/// | | PyTorch | Optax | Keras |
/// |---|---|---|---|
/// | SGD | lr 1e-3, momentum 0 | no momentum | lr 0.01, momentum 0 |
/// | Adam, AdamW: lr, eps | 1e-3, 1e-8 | eps 1e-8 | 1e-3, 1e-7 |
/// | RAdam: lr, eps | 1e-3, 1e-8 | eps 1e-8 | - |
/// | Adamax, NAdam: lr, eps | 2e-3, 1e-8 | eps 1e-8 | 1e-3, 1e-7 |
/// | NAdam: momentum_decay | 4e-3 | - | 1, fixed |
/// | RMSprop: lr, decay, eps | 0.01, 0.99, 1e-8 | 0.9, 1e-8 | 1e-3, 0.9, 1e-7 |
/// | Adagrad: lr, first sum, eps | 0.01, 0, 1e-10 | 0.1, 1e-7 | 1e-3, 0.1, 1e-7 |
/// | Adadelta: lr, rho, eps | 1, 0.9, 1e-6 | 0.9, 1e-6 | 1e-3, 0.95, 1e-7 |
/// | ASGD: lr, lambd, alpha, t0 | 0.01, 1e-4, 0.75, 1e6 | - | - |
/// | Rprop: lr, etas | 0.01, (0.5, 1.2) | (0.5, 1.2) | - |
/// | Rprop: step sizes | 1e-6 to 50 | 1e-6 to 50 | - |
/// | Lion: lr, betas | - | (0.9, 0.99) | 1e-3, (0.9, 0.99) |
/// | LAMB: lr, eps | - | eps 1e-6 | 1e-3, 1e-7 |
/// | Adan: betas, eps | - | (0.98, 0.92, 0.99), 1e-8 | - |
/// | AdaBelief: eps, eps_root | - | 1e-16, 1e-16 | - |
/// | Schedule-Free SGD: lr, beta1 | - | 1, 0.9 | - |
/// | Schedule-Free AdamW: lr, eps | - | 2.5e-3, 1e-8 | 2.5e-3, 1e-8 |
/// | Adafactor: lr, eps | 0.01, (2^-23, 1e-3) | none, 1e-30 | 1e-3, (1e-30, 1e-3) |
/// | Adafactor: decay, clipping | -0.8, 1 | 0.8, 1 | -0.8, 1 |
/// | Muon: lr, momentum, eps | 1e-3, 0.95, 1e-7 | 0.95, 1e-8 | 1e-3, 0.95, 1e-7 |
/// | Muon: step times | sqrt(max(1, r / c)) | sqrt(max(1, out / in)) | 0.2 sqrt(max(r, c)) |
/// | L-BFGS: lr, history | 1, 100 | 1, 10 | - |
/// | L-BFGS: line search | none, or strong Wolfe | zoom, 20 steps | - |
///
/// - The betas of Adam and its kin are 0.9 and 0.999 in all three.
/// - Optax' `adafactor` factors the second moment from 128 rows and columns on; PyTorch and Keras
///   factor every matrix.
/// - Muon's r and c are the rows and columns of the parameter as it is stored. PyTorch stores
///   [out, in], Keras and Flax [in, out].
/// - The averages of Schedule-Free are weighted by lr^2 in Optax, and equally in Keras.
///
/// ## Clipping by the global norm
///
/// | | PyTorch | Optax | Keras |
/// |---|---|---|---|
/// | factor | min(1, max / (norm + 1e-6)) | min(1, max / norm) | min(1, max / norm) |
/// | norm NaN | all NaN | all NaN | all NaN |
/// | norm infinite | that element NaN, others 0 | as PyTorch | all NaN |
package io.github.lanewise.optim;

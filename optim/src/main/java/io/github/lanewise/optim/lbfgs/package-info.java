/// L-BFGS, an optimizer that asks for the loss and its gradient as often as it needs them, and so
/// takes a closure where the others take a gradient.
package io.github.lanewise.optim.lbfgs;

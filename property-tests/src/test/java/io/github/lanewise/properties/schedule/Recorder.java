package io.github.lanewise.properties.schedule;

import io.github.lanewise.optim.schedule.ScheduledSettings;

/// The settings of an optimizer that does nothing else.
final class Recorder implements ScheduledSettings {
  private final boolean hasMomentum;
  private double learningRate;
  private double momentum;

  private Recorder(double learningRate, double momentum, boolean hasMomentum) {
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.hasMomentum = hasMomentum;
  }

  static Recorder of(double learningRate) {
    return new Recorder(learningRate, Double.NaN, false);
  }

  static Recorder of(double learningRate, double momentum) {
    return new Recorder(learningRate, momentum, true);
  }

  @Override
  public double learningRate() {
    return learningRate;
  }

  @Override
  public void setLearningRate(double learningRate) {
    this.learningRate = learningRate;
  }

  @Override
  public boolean hasMomentum() {
    return hasMomentum;
  }

  @Override
  public double momentum() {
    return momentum;
  }

  @Override
  public void setMomentum(double momentum) {
    this.momentum = momentum;
  }
}

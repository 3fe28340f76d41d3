package io.github.lanewise.properties.audit;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.AdafactorRun;
import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Matrix;
import io.github.lanewise.core.PackedMatrix;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ServedLayer;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.UpdateState;
import io.github.lanewise.core.Updates;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Lease;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.lbfgs.Lbfgs;
import io.github.lanewise.optim.rule.AdafactorConfig;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.LambConfig;
import io.github.lanewise.optim.rule.MuonConfig;
import io.github.lanewise.optim.rule.RmsPropConfig;
import io.github.lanewise.optim.rule.Rules;
import io.github.lanewise.optim.rule.SgdConfig;
import io.github.lanewise.optim.schedule.LinearLr;
import io.github.lanewise.optim.schedule.PlateauScheduler;
import io.github.lanewise.optim.schedule.ReduceLrOnPlateau;
import io.github.lanewise.optim.schedule.ScheduledSettings;
import io.github.lanewise.optim.schedule.Scheduler;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Every public method that must not allocate, as a call.
///
/// [AuditCompletenessTest] reads this class, [Facades] and [BatchFacades], and finds a method that
/// is missing.
final class AuditedCalls {
  /// Many vectors and a rest, so that both ways through a kernel are compiled.
  private static final int N = 300;

  private static final int ROWS = 8;

  /// A whole strip and a part of one.
  private static final int MANY_ROWS = 45;

  private final Arena arena;
  private final List<Audited> calls = new ArrayList<>();

  /// What reads of arrays give is kept here, so that no read is optimised away.
  private double kept;

  private AuditedCalls(Arena arena) {
    this.arena = arena;
  }

  /// A call under audit.
  record Audited(String name, Runnable call) {}

  /// The calls of [Facades] and [BatchFacades], then those of objects that have arrays.
  static List<Audited> all(Arena arena) {
    AuditedCalls audited = new AuditedCalls(arena);
    audited.addFacades();
    audited.addArrays();
    audited.addBatches();
    audited.addProducts();
    audited.addServed();
    audited.addInference();
    audited.addPool();
    audited.addTraining();
    audited.addOtherPasses();
    audited.addOptimizers();
    audited.addRulesOfMatrices();
    audited.addUpdates();
    audited.addSchedules();
    return audited.calls;
  }

  private void add(String name, Runnable call) {
    calls.add(new Audited(name, call));
  }

  private void addFacades() {
    for (Facades.Facade facade : Facades.all()) {
      FloatArray[] arrays = facade.allocate(arena, N);
      add(facade.name(), () -> facade.call().run(arrays, N));
    }
    for (BatchFacades.Facade facade : BatchFacades.all()) {
      BatchFacades.Operands operands = facade.allocate(arena, MANY_ROWS, 20);
      add(facade.name(), () -> kept += facade.call().run(operands));
    }
  }

  private void addArrays() {
    FloatArray x = FloatArray.of(arena, Samples.normal(1, N, 1));
    FloatArray y = FloatArray.allocate(arena, N);
    float[] onHeap = new float[N];
    add("FloatArray.length", () -> kept += x.length());
    add("FloatArray.get", () -> kept += x.get(N - 1));
    add("FloatArray.set", () -> y.set(N - 1, 1));
    add("FloatArray.fill", () -> y.fill(2));
    add("FloatArray.copyFrom a float[]", () -> y.copyFrom(onHeap));
    add("FloatArray.copyFrom", () -> y.copyFrom(x));
    add("FloatArray.copyTo", () -> x.copyTo(onHeap));
    add("FloatArray.copyRange", () -> y.copyRange(x, 3, 5, 7));
    add("FloatArray.copyRange of a float[]", () -> y.copyRange(onHeap, 3, 5, 7));
    add("FloatArray.copyRangeTo", () -> x.copyRangeTo(3, onHeap, 5, 7));
    add("FloatArray.overlaps", () -> kept += x.overlaps(y) ? 1 : 0);
    add("FloatArray.requireUsable", () -> x.requireUsable("x"));
  }

  private void addBatches() {
    Batch batch = Batch.allocate(arena, MANY_ROWS, 20);
    FloatArray rows = FloatArray.of(arena, Samples.normal(1, MANY_ROWS * 20, 1));
    add(
        "Batch.resize, load and store",
        () -> {
          batch.resize(MANY_ROWS - 1, batch.step() + 1);
          batch.load(rows, 0);
          batch.store(rows, 1);
        });
    add("Batch.set", () -> batch.set(40, 19, batch.get(3, 2)));
    add(
        "Batch, its sizes",
        () ->
            kept +=
                batch.features()
                    + batch.rows()
                    + batch.strips()
                    + batch.rowsOf(1)
                    + batch.index(40, 3)
                    + batch.array().length());
    FloatArray weight = FloatArray.of(arena, Samples.normal(1, 20 * 30, 1));
    FloatArray bias = FloatArray.of(arena, Samples.normal(2, 30, 1));
    FloatArray packed = FloatArray.allocate(arena, Affine.packedElements(20, 30));
    FloatArray y = FloatArray.allocate(arena, Batch.LANES);
    add("Affine.pack", () -> Affine.pack(weight, bias, packed, 20, 30));
    add("Affine.forwardPacked, a row", () -> Affine.forwardPacked(rows, packed, y, 20, 30));
    FloatArray compact = FloatArray.allocate(arena, Affine.compactElements(20, 30));
    Batch inputs = Batch.allocate(arena, MANY_ROWS, 20);
    Batch outputs = Batch.allocate(arena, MANY_ROWS, 30);
    add("Affine.packCompact", () -> Affine.packCompact(weight, bias, compact, 20, 30));
    add("Affine.forwardCompact", () -> Affine.forwardCompact(inputs, compact, outputs));
    add("Affine.forwardCompact, a row", () -> Affine.forwardCompact(rows, compact, y, 20, 30));
  }

  /// What the library calls of a layer, and a program may call.
  private void addServed() {
    Batch x = Batch.allocate(arena, ROWS, 20);
    Batch y = Batch.allocate(arena, ROWS, 20);
    FloatArray row = FloatArray.of(arena, Samples.normal(1, Batch.LANES, 1));
    FloatArray outputs = FloatArray.allocate(arena, Batch.LANES);
    Layer dropout = Dropout.of(3);
    add("Layer.forwardInTraining", () -> dropout.forwardInTraining(x, List.of(), y));
    for (Layer layer : List.of(LayerNorm.of(20), Linear.of(20, 20), Activation.GELU)) {
      List<FloatArray> parameters =
          layer.parameters().stream()
              .map(p -> FloatArray.of(arena, Samples.normal(1, (int) p.shape().elements(), 1)))
              .toList();
      ServedLayer served = layer.serve(20, arena);
      add("ServedLayer.load, " + layer, () -> served.load(parameters));
      add("ServedLayer.forward, " + layer, () -> served.forward(x, y));
      if (served.takesRow()) {
        add("ServedLayer.forwardRow, " + layer, () -> served.forwardRow(row, outputs));
      }
    }
  }

  private void addProducts() {
    Product product = new Product(arena, 61);
    add("products", product::run);
    add("PackedMatrix.rows", () -> kept += product.b.rows() + product.b.cols());
  }

  private void addInference() {
    Model small =
        Sequential.of(Linear.of(64, 128), Activation.RELU, Linear.of(128, 10)).initialize(arena, 1);
    InferenceSession one = small.inference(arena, 1);
    FloatArray row = FloatArray.of(arena, Samples.normal(1, 64, 1));
    FloatArray logits = FloatArray.allocate(arena, 10);
    add("InferenceSession.forward, a row", () -> one.forward(row, logits));
    Model model = model();
    InferenceSession batch = model.inference(arena, ROWS);
    FloatArray x = features();
    FloatArray outputs = FloatArray.allocate(arena, ROWS * 5);
    add("InferenceSession.forward, a batch", () -> batch.forward(x, outputs));
    add("InferenceSession.refresh", batch::refresh);
    InferenceSession served = model.serve(arena).session(arena, MANY_ROWS);
    FloatArray many = FloatArray.of(arena, Samples.normal(1, MANY_ROWS * 20, 1));
    FloatArray manyOutputs = FloatArray.allocate(arena, MANY_ROWS * 5);
    float[] heap = Samples.normal(1, MANY_ROWS * 20, 1);
    float[] heapOutputs = new float[MANY_ROWS * 5];
    int[] count = {0};
    add(
        "InferenceSession.forward, a count that changes",
        () -> served.forward(many, manyOutputs, 1 + count[0]++ % MANY_ROWS));
    add("InferenceSession.forward of float[]", () -> served.forward(heap, heapOutputs));
    add(
        "InferenceSession.forward of float[], a count that changes",
        () -> served.forward(heap, heapOutputs, 1 + count[0]++ % MANY_ROWS));
  }

  private void addPool() {
    ModelPool pool = ModelPool.of(2, ROWS, model()::serve);
    FloatArray x = features();
    FloatArray y = FloatArray.allocate(arena, ROWS * 5);
    float[] heap = Samples.normal(1, ROWS * 20, 1);
    float[] heapOutputs = new float[ROWS * 5];
    add("ModelPool.forward", () -> pool.forward(x, y));
    add("ModelPool.forward of float[]", () -> pool.forward(heap, heapOutputs));
    add(
        "ModelPool.borrow",
        () -> {
          try (Lease lease = pool.borrow();
              Lease other = pool.tryBorrow()) {
            lease.forward(x, y);
            lease.forward(x, y, 3);
            other.forward(heap, heapOutputs);
            other.forward(heap, heapOutputs, 3);
            kept += lease.generation() + other.model().network().inputs();
          }
        });
    add("ModelPool, its figures", () -> kept += pool.calls() + pool.waits() + pool.liveBytes());
  }

  private void addTraining() {
    Model model = model();
    FloatArray x = features();
    FloatArray gx = FloatArray.allocate(arena, x.length());
    int[] labels = Samples.classes(1, ROWS, 5);
    FloatArray targets = FloatArray.allocate(arena, ROWS * 5);
    for (Loss loss : List.of(Loss.crossEntropy(), Loss.negativeLogLikelihood())) {
      TrainingSession session = model.training(arena, ROWS, loss);
      add(
          "TrainingSession, " + loss,
          () -> {
            session.forward(x, labels);
            session.backward();
          });
    }
    for (ElementwiseLoss elementwise : ElementwiseLoss.defaults()) {
      Loss loss = Loss.of(elementwise);
      TrainingSession session = model.training(arena, ROWS, loss);
      add(
          "TrainingSession, " + loss + ", with the gradient of x",
          () -> {
            session.forward(x, targets);
            session.backward(gx);
          });
    }
  }

  /// What a training session does besides steps: with each number of rows in turn.
  private void addOtherPasses() {
    Model model = model();
    FloatArray all = FloatArray.of(arena, Samples.normal(1, MANY_ROWS * 20, 1));
    List<FloatArray> x = new ArrayList<>();
    List<FloatArray> y = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    for (int rows = 1; rows <= MANY_ROWS; rows++) {
      x.add(all.slice(0, rows * 20L));
      y.add(FloatArray.allocate(arena, rows * 5L));
      labels.add(Samples.classes(1, rows, 5));
    }
    TrainingSession classifier = model.training(arena, MANY_ROWS, Loss.crossEntropy());
    TrainingSession regression = model.training(arena, MANY_ROWS, Loss.meanSquaredError());
    int[] count = {0};
    add(
        "TrainingSession.evaluate",
        () -> {
          int i = count[0]++ % MANY_ROWS;
          kept += classifier.evaluate(x.get(i), labels.get(i));
          kept += regression.evaluate(x.get(i), y.get(i));
        });
    add(
        "TrainingSession.backwardFrom the outputs",
        () -> {
          int i = count[0]++ % MANY_ROWS;
          classifier.resumeAt(classifier.step());
          classifier.forward(x.get(i));
          classifier.outputs(y.get(i));
          classifier.backwardFrom(y.get(i));
        });
    Loss loss = Loss.crossEntropy();
    Loss ofTargets = Loss.l1();
    Batch outputs = Batch.allocate(arena, MANY_ROWS, 5);
    Batch targets = Batch.allocate(arena, MANY_ROWS, 5);
    Batch gradient = Batch.allocate(arena, MANY_ROWS, 5);
    int[] classes = labels.get(MANY_ROWS - 1);
    add("Loss.ofClasses", () -> kept += loss.ofClasses(outputs, classes, gradient));
    add("Loss.ofTargets", () -> kept += ofTargets.ofTargets(outputs, targets, gradient));
  }

  private void addOptimizers() {
    SgdConfig momentum = SgdConfig.DEFAULT.withMomentum(0.9);
    RmsPropConfig rmsMomentum = RmsPropConfig.DEFAULT.withMomentum(0.9);
    for (String name : Rules.NAMES) {
      addOptimizer(name, Optimizer.named(name, arena, model().parameters(), 1e-3));
    }
    addOptimizer("SGD with momentum", momentum);
    addOptimizer("Nesterov", momentum.withNesterov(true));
    addOptimizer("AMSGrad", AdamConfig.DEFAULT.withAmsgrad(true));
    addOptimizer("RMSprop with momentum", rmsMomentum);
    addOptimizer("RMSprop, centered", RmsPropConfig.DEFAULT.withCentered(true));
    addOptimizer("RMSprop, centered, with momentum", rmsMomentum.withCentered(true));
    for (StatePrecision precision : StatePrecision.values()) {
      for (ParameterPrecision parameters : ParameterPrecision.values()) {
        Passes passes =
            Passes.NONE
                .withStatePrecision(precision)
                .withParameterPrecision(parameters)
                .withMaxNorm(1)
                .withClipValue(0.5)
                .withSkipsNonFinite(true)
                .withZeroesGradient(true)
                .withAveraging(Averaging.exponential(0.9));
        Optimizer optimizer = Optimizer.of(arena, model().parameters(), AdamConfig.DEFAULT, passes);
        addOptimizer("Adam with passes, " + precision + ", " + parameters, optimizer);
        add(
            "Adam on threads, " + precision + ", " + parameters,
            () -> {
              optimizer.step(Runnable::run, 1);
              optimizer.setMaxNorm(2);
              optimizer.setClipValue(3);
            });
      }
    }
  }

  /// The rules that look at whole parameters, with matrices, in every precision of their states.
  private void addRulesOfMatrices() {
    for (UpdateRule rule :
        List.of(LambConfig.DEFAULT, AdafactorConfig.DEFAULT, MuonConfig.DEFAULT)) {
      for (StatePrecision precision : StatePrecision.values()) {
        Passes passes =
            Passes.NONE
                .withStatePrecision(precision)
                .withParameterPrecision(ParameterPrecision.BFLOAT16_COMPENSATED)
                .withMaxNorm(1)
                .withClipValue(
                    precision == StatePrecision.FLOAT32 ? Double.POSITIVE_INFINITY : 0.5);
        FloatArray value = FloatArray.of(arena, Samples.normal(1, 20 * 300, 1));
        FloatArray gradient = FloatArray.of(arena, Samples.normal(2, 20 * 300, 1));
        List<Parameter> matrix = List.of(new Parameter("w", Shape.of(20, 300), value, gradient));
        addOptimizer(
            rule.name() + " with passes, " + precision, Optimizer.of(arena, matrix, rule, passes));
      }
    }
  }

  private void addOptimizer(String name, UpdateRule rule) {
    addOptimizer(name, Optimizer.of(arena, model().parameters(), rule));
  }

  private void addOptimizer(String name, Optimizer optimizer) {
    ParameterGroup group = optimizer.groups().getFirst();
    add(
        name,
        () -> {
          optimizer.step();
          optimizer.zeroGrad();
          optimizer.setLearningRate(optimizer.learningRate() / 2);
          group.setLearningRate(group.learningRate() / 2);
          group.set("lr", 1e-3);
        });
  }

  /// What an optimizer does in a step, with the parts of the core.
  private void addUpdates() {
    UpdateRule rule = AdamConfig.DEFAULT;
    Setting lr = rule.settings().getFirst();
    UpdateSettings settings = new UpdateSettings(rule, rule.settings());
    UpdateState states = UpdateState.allocate(arena, StatePrecision.FLOAT32, rule.states(), N);
    UpdateScalars scalars = new UpdateScalars(rule.scalarCount());
    double[] memory = {};
    FloatArray p = FloatArray.of(arena, Samples.normal(1, N, 1));
    FloatArray g = FloatArray.of(arena, Samples.normal(2, N, 1));
    FloatArray y = FloatArray.allocate(arena, N);
    UpdateRun run = UpdateRun.of(rule.loop(), p, g, states, 0);
    add(
        "UpdateRun.step",
        () -> {
          lr.require(1e-3);
          settings.set("lr", 1e-3);
          rule.check(settings);
          rule.scalars(settings, 1, memory, scalars.values());
          scalars.gradient(0.5, 1, true, 0.1).shrink(1);
          states.requireUsable("the states");
          run.step(0, N, scalars);
          kept += run.length();
          Updates.prepare(p, g, y, scalars);
          Updates.lerp(p, y, y, 0.5);
          kept += Updates.sumOfSquares(y);
          states.read(0, 0, y);
          states.write(0, 0, y);
        });
    List<UpdateRule.State> one = rule.states().subList(0, 1);
    UpdateState ofRows = UpdateState.allocate(arena, StatePrecision.FLOAT32, one, 20);
    UpdateState ofCols = UpdateState.allocate(arena, StatePrecision.FLOAT32, one, N / 20);
    AdafactorRun matrix = AdafactorRun.ofMatrices(arena, p, g, ofRows, ofCols, 20, N / 20);
    add(
        "AdafactorRun",
        () -> {
          kept += matrix.sumOfSquares(scalars);
          matrix.move(scalars);
        });
  }

  private void addSchedules() {
    ScheduledSettings settings =
        Optimizer.of(arena, model().parameters(), AdamConfig.DEFAULT).groups().getFirst();
    Scheduler scheduler = Scheduler.of(new LinearLr(0.5, 1, 100), settings);
    PlateauScheduler plateau = PlateauScheduler.of(ReduceLrOnPlateau.DEFAULT, settings);
    add("ScheduledSettings.setLearningRate", () -> settings.setLearningRate(1e-3));
    add("Scheduler.step", scheduler::step);
    add("PlateauScheduler.step", () -> plateau.step(1));
    Lbfgs lbfgs = Lbfgs.of(arena, model().parameters());
    add("Lbfgs.zeroGrad", lbfgs::zeroGrad);
  }

  private FloatArray features() {
    return FloatArray.of(arena, Samples.normal(1, ROWS * 20, 1));
  }

  private Model model() {
    return Sequential.of(
            Linear.of(20, 70),
            LayerNorm.of(70),
            Activation.RELU,
            Dropout.of(1),
            Linear.of(70, 30),
            PRelu.of(),
            PRelu.of(30),
            Linear.of(30, 10),
            Glu.LAYER,
            LogSoftmax.LAYER,
            Softmax.LAYER)
        .initialize(arena, 1);
  }

  /// The products, whose operands differ in kind: `a [n, 3]`, `b [3, n]` packed, `c [n, n]`, and
  /// views of them.
  static final class Product {
    final FloatArray a;
    final FloatArray source;
    final FloatArray sourceTransposed;
    final PackedMatrix b;
    final FloatArray c;
    final Gemm gemm;
    final Matrix left;
    final Matrix right;
    final Matrix target;
    final Matrix transposedTarget;
    final Matrix square;
    final Matrix narrow;
    final int n;

    Product(Arena arena, int n) {
      this.n = n;
      a = FloatArray.of(arena, Samples.normal(1, 3 * n, 1));
      source = FloatArray.of(arena, Samples.normal(2, 3 * n, 1));
      sourceTransposed = FloatArray.of(arena, Samples.normal(3, 3 * n, 1));
      b = PackedMatrix.allocate(arena, 3, n).pack(source, 3, n);
      c = FloatArray.allocate(arena, (long) n * n);
      gemm = Gemm.allocate(arena, n, n, 3);
      left = Matrix.of(a, n, 3);
      right = Matrix.of(sourceTransposed, n, 3).transposed();
      target = Matrix.of(c, n, n);
      transposedTarget = target.transposed();
      square = Matrix.of(source, 3, 3, n);
      narrow = Matrix.of(c, n, 3, n);
    }

    void run() {
      b.pack(source, 3, n);
      gemm.multiply(a, b, c, n);
      b.packTransposed(sourceTransposed, 3, n);
      gemm.multiplyAdd(a, b, c, n);
      gemm.multiply(left, right, target);
      gemm.multiply(left, square, narrow);
      gemm.multiplyAdd(left, right, transposedTarget);
    }
  }
}

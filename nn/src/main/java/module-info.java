/// Layers, losses, models and sessions, and the files that models and data sets are read from.
///
/// # What it is
///
/// Networks that are sequences of layers on rows of features, for services that answer in
/// microseconds and for training small models. Names, defaults and results are PyTorch's.
///
/// # A first example
///
/// A network is a description, a model is a description with parameters, a session is a model at
/// work. This model has random parameters, and answers to one row:
///
/// ```java
/// try (Arena arena = Arena.ofConfined()) {
///   Sequential network = Sequential.of(Linear.of(2, 8), Activation.RELU, Linear.of(8, 1));
///   Model model = network.initialize(arena, 42);
///   InferenceSession session = model.inference(arena, 1);
///   float[] y = new float[1];
///   session.forward(new float[] {0.5f, -1f}, y);
/// }
/// ```
///
/// A model that `lanewise train`, PyTorch or ONNX holds is read and served:
///
/// ```java
/// ServedModel trained = ModelFile.read(arena, Path.of("model.safetensors")).serve(arena);
/// ServedModel torch = ModelFile.read(arena, Path.of("net.safetensors"), network).serve(arena);
/// OnnxFile.Contents onnx = OnnxFile.read(arena, Path.of("net.onnx"));
/// ServedModel exported = onnx.network().serve(arena, onnx.parameters());
/// ```
///
/// # Where to go next
///
/// - To answer: [ModelFile][io.github.lanewise.nn.io.ModelFile] reads a model,
///   [ServedModel][io.github.lanewise.nn.ServedModel] is one copy of its weights for all sessions,
///   [InferenceSession][io.github.lanewise.nn.InferenceSession] computes on one thread, and
///   [ModelPool][io.github.lanewise.nn.ModelPool] lends sessions to many, warms up, and swaps the
///   model while calls run.
/// - To train: [TrainingSession][io.github.lanewise.nn.TrainingSession] computes a
///   [Loss][io.github.lanewise.nn.Loss] and the gradients, the module `io.github.lanewise.optim`
///   makes steps of them, [DataSet][io.github.lanewise.nn.io.DataSet] and
///   [Batches][io.github.lanewise.nn.io.Batches] bring the rows, and
///   [Checkpoint][io.github.lanewise.nn.io.Checkpoint] keeps a run.
/// - To describe: [Sequential][io.github.lanewise.nn.Sequential] and its layers;
///   [Layer][io.github.lanewise.core.Layer] is the interface of layers of your own.
///
/// All memory comes from arenas of the caller. ONNX needs the optional dependency
/// `com.google.protobuf:protobuf-javalite`.
module io.github.lanewise.nn {
  requires transitive io.github.lanewise.core;
  requires com.fasterxml.jackson.core;
  requires de.siegmar.fastcsv;
  requires jdk.management;
  requires static com.google.protobuf;
  requires static jdk.jfr;

  exports io.github.lanewise.nn;
  exports io.github.lanewise.nn.io;
  exports io.github.lanewise.nn.io.onnx;
}

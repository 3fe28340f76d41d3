/// Reading and writing [ONNX](https://onnx.ai) files: the subset that holds networks of Lanewise.
///
/// The package needs `com.google.protobuf:protobuf-javalite`, which is an optional dependency: a
/// program that reads or writes ONNX files declares it.
package io.github.lanewise.nn.io.onnx;

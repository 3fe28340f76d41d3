/// Reading and writing files: [SafeTensors][io.github.lanewise.nn.io.SafeTensors] holds models,
/// [DataSet][io.github.lanewise.nn.io.DataSet] rows of features with their classes.
///
/// Whatever is wrong with a file is a
/// [FileException][io.github.lanewise.nn.io.FileException], whose message is one line that names
/// the file, the place and the value.
package io.github.lanewise.nn.io;

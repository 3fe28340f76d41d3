/// Files in and out: [SafeTensors][io.github.lanewise.nn.io.SafeTensors] for models,
/// [DataSet][io.github.lanewise.nn.io.DataSet] and its batches for data.
///
/// Whatever is wrong with a file is a
/// [FileException][io.github.lanewise.nn.io.FileException], whose message is one line that names
/// the file, the place and the value.
package io.github.lanewise.nn.io;

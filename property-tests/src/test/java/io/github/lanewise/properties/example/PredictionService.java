package io.github.lanewise.properties.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.ServedModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/// A small HTTP service that answers with a model: an example of how to embed Lanewise.
///
/// `POST /predict` takes the features of a row as text, separated by commas, and answers with the
/// outputs. `GET /figures` tells calls, waits, swaps and bytes. Each request has a virtual thread
/// of its own; the model is swapped while requests run.
public final class PredictionService implements AutoCloseable {
  private final ModelPool pool;
  private final HttpServer server;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

  private PredictionService(ModelPool pool, HttpServer server) {
    this.pool = pool;
    this.server = server;
  }

  /// Loads and warms up a model, and then takes requests.
  ///
  /// @param port of the loopback interface; 0 for any that is free
  /// @param sessions the number of requests that compute at the same time
  /// @param model makes the model, such as `file::serve`
  public static PredictionService start(int port, int sessions, Function<Arena, ServedModel> model)
      throws IOException {
    ModelPool pool = ModelPool.of(sessions, 1, model);
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      PredictionService service = new PredictionService(pool, HttpServer.create(address, 1024));
      String zeros = String.join(",", Collections.nCopies(pool.network().inputs(), "0"));
      pool.warmUp(() -> service.answerTo(zeros), 1);
      service.server.setExecutor(service.requests);
      service.server.createContext("/predict", service::predict);
      service.server.createContext("/figures", service::figures);
      service.server.start();
      return service;
    } catch (IOException | RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public ModelPool pool() {
    return pool;
  }

  private void predict(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      try {
        answer(exchange, 200, answerTo(body));
      } catch (IllegalArgumentException e) {
        answer(exchange, 400, e.getMessage());
      }
    }
  }

  private String answerTo(String body) {
    float[] features = parse(body);
    float[] outputs = new float[pool.network().outputs()];
    pool.forward(features, outputs);
    return format(outputs);
  }

  private void figures(HttpExchange exchange) throws IOException {
    try (exchange) {
      answer(
          exchange,
          200,
          "calls %d%nwaits %d%nswaps %d%nlive bytes %d%n"
              .formatted(pool.calls(), pool.waits(), pool.swaps(), pool.liveBytes()));
    }
  }

  private static float[] parse(String line) {
    String[] parts = line.strip().split(",", -1);
    float[] values = new float[parts.length];
    for (int i = 0; i < parts.length; i++) {
      values[i] = Float.parseFloat(parts[i]);
    }
    return values;
  }

  private static String format(float[] values) {
    StringBuilder line = new StringBuilder();
    for (float value : values) {
      line.append(line.isEmpty() ? "" : ",").append(value);
    }
    return line.toString();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /// Answers the requests that have come, takes no more, and frees the model.
  @Override
  public void close() {
    server.stop(1);
    requests.close();
    pool.close();
  }
}

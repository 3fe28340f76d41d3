package io.github.lanewise.properties.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.ServedModel;
import io.github.lanewise.properties.support.ResidentMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The example service under load, while its model is swapped: no request is lost, and none is
/// answered by two models.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PredictionServiceTest {
  private static final int OUTPUTS = 8;

  /// Model `number` answers `number` in each output.
  private static ServedModel numbered(Arena arena, int number) {
    Sequential network = Sequential.of(Linear.of(2, 16), Linear.of(16, OUTPUTS));
    StateDict parameters = network.initialize(arena, 1).stateDict();
    parameters.get("0.weight").values().fill(0);
    parameters.get("0.bias").values().fill(number);
    parameters.get("1.weight").values().fill(1 / 8f);
    parameters.get("1.bias").values().fill(-number);
    return network.serve(arena, parameters);
  }

  /// A connection that is kept open.
  private static final class Client implements AutoCloseable {
    private final Socket socket;
    private final OutputStream out;
    private final BufferedReader in;

    Client(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      out = socket.getOutputStream();
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /// Returns the status and the body.
    String request(String method, String path, String body) throws IOException {
      String request =
          "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(method, path, body.length(), body);
      out.write(request.getBytes(StandardCharsets.UTF_8));
      String status = in.readLine();
      if (status == null) {
        throw new IOException("the connection was closed");
      }
      int length = 0;
      for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
        if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      char[] answer = new char[length];
      for (int read = 0; read < length; ) {
        read += in.read(answer, read, length - read);
      }
      return status.split(" ", -1)[1] + " " + new String(answer);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void aRequestIsAnsweredOrRefusedInOneSentence() throws IOException {
    try (PredictionService service = PredictionService.start(0, 2, arena -> numbered(arena, 3));
        Client client = new Client(service.port())) {
      assertEquals(
          "200 3.0,3.0,3.0,3.0,3.0,3.0,3.0,3.0", client.request("POST", "/predict", "1,2"));
      assertEquals(
          "400 features has 3 elements, not 1 to 1 rows of 2",
          client.request("POST", "/predict", "1,2,3"));
      assertTrue(client.request("POST", "/predict", "a,b").startsWith("400 "));
      String figures = client.request("GET", "/figures", "");
      assertTrue(figures.contains("swaps 0"), figures);
      assertTrue(figures.contains("live bytes " + service.pool().liveBytes()), figures);
    }
  }

  @Test
  void noRequestIsLostWhileModelsAreSwapped() throws Exception {
    load(500, 3, 4, 300);
  }

  /// What the profile `soak` asks for.
  @Test
  @Tag("soak")
  void fiveThousandRequestsASecondAreAnsweredForAMinute() throws Exception {
    long[] resident = load(5000, 60, 16, 1000);
    assertTrue(
        resident[1] <= resident[0] * 1.02,
        () -> "resident memory grew from %d to %d kB".formatted(resident[0], resident[1]));
  }

  /// Sends requests from virtual threads at a fixed rate. Returns the resident memory after the
  /// first tenth and in the end, in kB.
  private static long[] load(int perSecond, int seconds, int clients, long swapMillis)
      throws Exception {
    long requests = (long) perSecond * seconds;
    AtomicLong next = new AtomicLong();
    long[] resident = new long[2];
    ModelPool pool;
    try (PredictionService service = PredictionService.start(0, 4, arena -> numbered(arena, 0));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      pool = service.pool();
      long bytes = pool.liveBytes();
      long warming = pool.calls();
      long start = System.nanoTime();
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        all.add(
            threads.submit(
                () -> {
                  send(service.port(), next, requests, start, 1_000_000_000L / perSecond);
                  return null;
                }));
      }
      for (int swap = 1; next.get() < requests; swap++) {
        if (resident[0] == 0 && next.get() > requests / 10) {
          resident[0] = ResidentMemory.kilobytes();
        }
        int number = swap;
        pool.swap(arena -> numbered(arena, number));
        assertEquals(bytes, pool.liveBytes());
        Thread.sleep(swapMillis);
      }
      for (Future<?> client : all) {
        client.get();
      }
      double took = (System.nanoTime() - start) / 1e9;
      resident[1] = ResidentMemory.kilobytes();
      assertEquals(requests, pool.calls() - warming);
      assertTrue(pool.swaps() >= 2, () -> pool.swaps() + " swaps");
      System.out.printf(
          "%d requests in %.1f s, %d swaps, %d waits; resident %d and %d kB%n",
          requests, took, pool.swaps(), pool.waits(), resident[0], resident[1]);
    }
    assertEquals(0, pool.liveBytes());
    return resident;
  }

  private static void send(int port, AtomicLong next, long requests, long start, long intervalNanos)
      throws IOException {
    try (Client client = new Client(port)) {
      float newest = 0;
      for (long i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
        LockSupport.parkNanos(start + i * intervalNanos - System.nanoTime());
        String answer = client.request("POST", "/predict", "1,2");
        assertTrue(answer.startsWith("200 "), answer);
        String[] outputs = answer.substring(4).split(",", -1);
        assertEquals(OUTPUTS, outputs.length, answer);
        for (String output : outputs) {
          assertEquals(outputs[0], output, answer);
        }
        float model = Float.parseFloat(outputs[0]);
        assertTrue(model >= newest && model == Math.rint(model), answer);
        newest = model;
      }
    }
  }
}

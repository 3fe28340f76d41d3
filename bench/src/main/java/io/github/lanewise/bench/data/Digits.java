package io.github.lanewise.bench.data;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.io.DataSet;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// A data set of digits that look handwritten. No file is needed: the program draws them.
///
/// A digit is a handful of strokes, and most digits can be written in two or three ways. For each
/// image the strokes are bent, slanted, turned, stretched and shifted, and drawn with a pen of
/// random width. Noise is added, and to one image in eight a stray stroke. An image has 16 x 16
/// pixels, which are whole numbers from 0 to 255.
///
/// The images are the same on every platform, bit for bit: the random numbers come from integers,
/// and the geometry uses only the four arithmetic operations and the square root, whose rounding
/// Java defines.
public final class Digits {
  /// The number of images in the training set.
  public static final int TRAINING_ROWS = 6000;

  /// The number of images in the test set.
  public static final int TEST_ROWS = 1500;

  private static final int SIDE = 16;
  private static final int CLASSES = 10;
  private static final int MAX_GREY = 255;

  /// The ways to write each digit, as strokes that are separated by `|`. A stroke is a list of
  /// points `x,y`, in percent of the digit's box, with y pointing down. Its corners are rounded
  /// when it is drawn.
  private static final String[][] GLYPHS = {
    {
      "50,0 12,5 0,50 12,95 50,100 88,95 100,50 88,5 50,0",
      "60,0 10,10 0,60 20,100 70,95 100,50 90,10 50,0 30,15"
    },
    {"50,0 50,100", "25,25 55,0|55,0 50,100", "30,20 55,0|55,0 50,100|25,100 80,100"},
    {
      "5,25 20,-5 70,-5 100,25 70,55 5,100|5,100 100,100",
      "5,20 30,-10 90,0 95,40 50,80 10,105 0,80 30,75 60,95 100,95"
    },
    {
      "5,8 50,-8 95,10 85,45 40,47|40,47 95,48 105,85 60,105 0,92",
      "5,0 95,0|95,0 45,40|45,40 95,45 105,85 55,107 0,90"
    },
    {
      "62,0 5,65|5,65 100,65|72,30 72,100",
      "15,0 5,45 25,55 90,50|82,0 75,100",
      "70,0 70,100|70,0 5,70|5,70 100,70"
    },
    {
      "90,0 20,0|20,0 15,42|15,42 60,28 105,55 90,100 40,105 5,90",
      "95,3 25,0 10,30 20,48 80,45 105,75 70,108 0,95"
    },
    {
      "85,0 30,20 0,65 20,102 60,105 100,80 75,48 30,50 8,75",
      "60,0 15,40 5,90 50,108 95,85 80,55 40,55 15,80"
    },
    {
      "5,0 95,0|95,0 60,45 38,100",
      "5,0 95,0|95,0 60,45 38,100|25,50 80,50",
      "5,15 5,0 100,5 45,100"
    },
    {
      "50,48 5,35 10,0 50,-4 90,0 95,35 50,48 0,65 0,100 50,104 100,100 100,65 50,48",
      "90,10 40,-10 0,20 50,50 100,75 60,108 0,90 20,60 85,30 90,10"
    },
    {
      "92,30 75,-5 20,-2 0,35 40,62 80,48 92,20|92,20 88,60 65,100",
      "90,25 60,-8 5,10 15,55 65,55 92,20|92,20 90,100"
    }
  };

  private final SplittableRandom random;
  private final float[] image = new float[SIDE * SIDE];

  private Digits(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /// Draws the training set.
  public static DataSet training(Arena arena) {
    return new Digits(1).draw(arena, TRAINING_ROWS);
  }

  /// Draws the test set: other images of the same kind.
  public static DataSet test(Arena arena) {
    return new Digits(2).draw(arena, TEST_ROWS);
  }

  private DataSet draw(Arena arena, int rows) {
    FloatArray features = FloatArray.allocate(arena, (long) rows * image.length);
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      labels[row] = row % CLASSES;
      draw(labels[row]);
      features.slice((long) row * image.length, image.length).copyFrom(image);
    }
    return DataSet.of(features, image.length, labels);
  }

  private record Point(double x, double y) {}

  private void draw(int digit) {
    String[] ways = GLYPHS[digit];
    List<List<Point>> strokes = strokes(ways[random.nextInt(ways.length)]);
    double[] map = map();
    double halfWidth = between(0.6, 1.1);
    double ink = between(0.7, 1);
    Arrays.fill(image, 0);
    for (List<Point> stroke : strokes) {
      List<Point> points = new ArrayList<>();
      for (Point p : stroke) {
        double x = p.x + around(0.04);
        double y = p.y + around(0.04);
        points.add(new Point(map[0] * x + map[1] * y + map[2], map[3] * x + map[4] * y + map[5]));
      }
      ink(rounded(rounded(points)), halfWidth, ink);
    }
    if (random.nextInt(8) == 0) {
      double x = between(0, SIDE);
      double y = between(0, SIDE);
      ink(List.of(new Point(x, y), new Point(x + around(4), y + around(4))), 0.5, ink);
    }
    for (int i = 0; i < image.length; i++) {
      double grey = image[i] + around(0.06) + around(0.06);
      image[i] = (int) (MAX_GREY * Math.max(0, Math.min(1, grey)) + 0.5);
    }
  }

  /// Returns a random affine map from the box [-1/2, 1/2]^2 to pixels, which sizes, slants, turns
  /// and shifts a digit: x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5.
  private double[] map() {
    double height = between(9, 13);
    double width = height * between(0.5, 0.85);
    double slant = around(0.35);
    double turn = around(0.3);
    double centre = (SIDE - 1) / 2.0;
    return new double[] {
      width,
      -slant * height - turn * height,
      centre + around(1.6),
      turn * width,
      height,
      centre + around(1.6)
    };
  }

  private static List<List<Point>> strokes(String glyph) {
    List<List<Point>> strokes = new ArrayList<>();
    for (String stroke : glyph.split("\\|", -1)) {
      List<Point> points = new ArrayList<>();
      for (String point : stroke.split(" ", -1)) {
        int comma = point.indexOf(',');
        points.add(
            new Point(
                Integer.parseInt(point.substring(0, comma)) / 100.0 - 0.5,
                Integer.parseInt(point.substring(comma + 1)) / 100.0 - 0.5));
      }
      strokes.add(points);
    }
    return strokes;
  }

  /// Rounds the corners of a stroke by one step of Chaikin's algorithm. Both ends stay in place.
  private static List<Point> rounded(List<Point> points) {
    List<Point> cut = new ArrayList<>();
    cut.add(points.getFirst());
    for (int i = 1; i < points.size(); i++) {
      Point a = points.get(i - 1);
      Point b = points.get(i);
      cut.add(new Point(0.75 * a.x + 0.25 * b.x, 0.75 * a.y + 0.25 * b.y));
      cut.add(new Point(0.25 * a.x + 0.75 * b.x, 0.25 * a.y + 0.75 * b.y));
    }
    cut.add(points.getLast());
    return cut;
  }

  /// Draws lines from point to point, whose edges fade over one pixel.
  private void ink(List<Point> points, double halfWidth, double ink) {
    for (int i = 1; i < points.size(); i++) {
      Point a = points.get(i - 1);
      Point b = points.get(i);
      double reach = halfWidth + 0.5;
      int bottom = (int) Math.min(SIDE - 1, Math.max(a.y, b.y) + reach);
      int right = (int) Math.min(SIDE - 1, Math.max(a.x, b.x) + reach);
      for (int y = (int) Math.max(0, Math.min(a.y, b.y) - reach); y <= bottom; y++) {
        for (int x = (int) Math.max(0, Math.min(a.x, b.x) - reach); x <= right; x++) {
          double grey = ink * Math.max(0, Math.min(1, reach - distance(x, y, a, b)));
          image[y * SIDE + x] = (float) Math.max(image[y * SIDE + x], grey);
        }
      }
    }
  }

  /// Returns the distance from a pixel to the nearest point of the line from a to b.
  private static double distance(int x, int y, Point a, Point b) {
    double dx = b.x - a.x;
    double dy = b.y - a.y;
    double square = dx * dx + dy * dy;
    double t = square == 0 ? 0 : ((x - a.x) * dx + (y - a.y) * dy) / square;
    double within = Math.max(0, Math.min(1, t));
    double ex = x - a.x - within * dx;
    double ey = y - a.y - within * dy;
    return Math.sqrt(ex * ex + ey * ey);
  }

  private double around(double limit) {
    return between(-limit, limit);
  }

  /// Returns a uniform random number. The specification of `nextDouble(from, to)` leaves its
  /// rounding open, so it could differ between platforms.
  private double between(double from, double to) {
    return from + (to - from) * ((random.nextLong() >>> 11) * 0x1p-53);
  }
}

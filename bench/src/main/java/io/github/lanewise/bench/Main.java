package io.github.lanewise.bench;

public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("lanewise");
  }
}

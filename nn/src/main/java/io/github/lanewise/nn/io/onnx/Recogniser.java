package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.nn.io.FileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Recognises a chain of layers in a graph, from its input to one of its outputs.
///
/// An operator that is a layer by itself is taken as one. Where several operators work together,
/// the smallest part of the graph that one value enters and one value leaves is looked up by what
/// it computes: see [FunctionFinder].
final class Recogniser {
  /// The most operators that are tried as one function.
  private static final int MAX_GROUP = 24;

  private final Path file;
  private final Graph graph;
  private final Map<String, Tensor> constants;
  private final List<Graph.Node> nodes = new ArrayList<>();
  private final Map<String, List<Graph.Node>> users = new HashMap<>();
  private final Operators operators;
  private final Formula formula;
  private final FunctionFinder finder;
  private final List<Step> steps = new ArrayList<>();
  private final String output;
  private String current;

  private Recogniser(Path file, int fileBytes, Graph graph, String output) throws FileException {
    this.file = file;
    this.graph = graph;
    this.output = output;
    this.constants = new HashMap<>(graph.constants());
    this.operators = new Operators(file, fileBytes, constants);
    this.formula = new Formula(constants);
    this.finder = new FunctionFinder(formula);
    for (Graph.Node node : needed()) {
      Tensor constant = operators.constant(node);
      if (constant == null) {
        nodes.add(node);
        node.inputs().stream().distinct().forEach(name -> usersOf(name).add(node));
      } else {
        constants.put(node.output(), constant);
      }
    }
  }

  private List<Graph.Node> usersOf(String name) {
    return users.computeIfAbsent(name, key -> new ArrayList<>());
  }

  /// Recognises the layers before an output.
  ///
  /// @param fileBytes the size of the file
  /// @param output its name; empty for the only one
  /// @throws FileException if there is no such output, or an operator that no layer has
  static List<Step> recognise(Path file, int fileBytes, Graph graph, String output)
      throws FileException {
    if (output.isEmpty() && graph.outputs().size() != 1) {
      throw new FileException(
          file,
          "has %d outputs, name one of %s".formatted(graph.outputs().size(), graph.outputs()));
    }
    String name = output.isEmpty() ? graph.outputs().getFirst() : output;
    if (!graph.outputs().contains(name)) {
      throw new FileException(file, "has no output '%s', only %s".formatted(name, graph.outputs()));
    }
    if (graph.inputs().size() != 1) {
      throw new FileException(
          file, "has %d inputs, a network takes one".formatted(graph.inputs().size()));
    }
    return new Recogniser(file, fileBytes, graph, name).steps();
  }

  /// The nodes that the output needs, in their order.
  private List<Graph.Node> needed() {
    Set<String> wanted = new HashSet<>(Set.of(output));
    List<Graph.Node> found = new ArrayList<>();
    for (Graph.Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(wanted::contains)) {
        found.addFirst(node);
        wanted.addAll(node.inputs());
      }
    }
    return found;
  }

  private List<Step> steps() throws FileException {
    Graph.Input input = graph.inputs().getFirst();
    current = input.name();
    operators.begin(input);
    while (!current.equals(output)) {
      List<Graph.Node> next = usersOf(current);
      if (next.isEmpty()) {
        throw new FileException(
            file, "has an output '" + output + "' that the input has no part in");
      }
      if (!single(next) && !group() && !affine(next)) {
        throw new FileException(
            file, "has %s, which is no layer or function of Lanewise".formatted(next.getFirst()));
      }
    }
    return Folding.fold(file, steps);
  }

  /// Takes the only user of the current value as a layer, if it is one.
  private boolean single(List<Graph.Node> next) throws FileException {
    Graph.Node node = next.getFirst();
    if (next.size() > 1 || node.outputs().stream().skip(1).anyMatch(users::containsKey)) {
      return false;
    }
    boolean bias =
        node.op().equals("Add")
            && !steps.isEmpty()
            && steps.getLast() instanceof Step.Linear
            && affine(next);
    if (bias) {
      return true;
    }
    if (!operators.layer(node, current, steps)) {
      return false;
    }
    current = node.output();
    return true;
  }

  private boolean affine(List<Graph.Node> next) throws FileException {
    Graph.Node node = next.getFirst();
    if (next.size() > 1 || !operators.affine(node, current, steps)) {
      return false;
    }
    current = node.output();
    return true;
  }

  /// Takes several operators together as a function, if they are one: as many as possible.
  private boolean group() {
    List<Graph.Node> members = new ArrayList<>();
    Set<String> inside = new HashSet<>(Set.of(current));
    for (Graph.Node node : nodes) {
      boolean reachable =
          node.inputs().stream().anyMatch(inside::contains)
              && node.inputs().stream()
                  .allMatch(
                      name ->
                          name.isEmpty() || inside.contains(name) || constants.containsKey(name));
      if (reachable && formula.knows(node) && members.size() < MAX_GROUP) {
        members.add(node);
        inside.add(node.output());
      }
    }
    for (int n = members.size(); n > 0; n--) {
      List<Graph.Node> part = members.subList(0, n);
      if (isClosed(part)) {
        FunctionFinder.Found found = finder.find(part, current, operators.width());
        if (found != null) {
          if (found.step() != null) {
            steps.add(found.step());
          }
          current = part.getLast().output();
          return true;
        }
      }
    }
    return false;
  }

  /// Whether nothing but the result of the last node is used by others.
  private boolean isClosed(List<Graph.Node> part) {
    Set<String> values = new HashSet<>(Set.of(current));
    part.forEach(node -> values.add(node.output()));
    String result = part.getLast().output();
    values.remove(result);
    return values.stream().allMatch(name -> part.containsAll(usersOf(name)))
        && !values.contains(output);
  }
}

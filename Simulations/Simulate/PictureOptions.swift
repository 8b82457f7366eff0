internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// Takes `--svg` and `--dot`.
struct PictureOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Draw what was written and what happened, in a file of that name.", valueName: "file"))
  var svg: String?

  @Option(help: ArgumentHelp("Write the same for Graphviz, to a file of that name.", valueName: "file"))
  var dot: String?

  func validate() throws {
    guard svg != "", dot != "" else { throw ValidationError("expected a file after --svg and --dot") }
  }

  /// Whether a picture is asked for.
  var isAsked: Bool { svg != nil || dot != nil }

  /// Writes the pictures that are asked for, in place of what the files held.
  func write(_ diagram: CausalDiagram?) throws {
    guard let diagram else { return }
    for (file, picture) in [(svg, diagram.svg), (dot, diagram.dot)] {
      guard let file else { continue }
      do {
        try Data(picture().utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
      } catch {
        throw ValidationError("cannot write \(file): \((error as NSError).localizedDescription)")
      }
    }
  }
}

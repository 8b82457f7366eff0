internal import ArgumentParser
internal import Foundation
internal import SimulationKit

/// Where the bundles of failing runs go.
struct BundleFolder {
  private let folder: URL

  /// The folder at `path`, which is made if there is none.
  init(_ path: String) throws {
    folder = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ValidationError("cannot make the folder \(path): \((error as NSError).localizedDescription)")
    }
  }

  /// Writes the bundles of a run, each into a file that is named after the seed and the machine, in place of what the same run left before.
  /// Returns the files.
  func write(_ outcome: Outcome) throws -> [String] {
    try outcome.bundles.map { name, bytes in
      let file = "seed-\(outcome.run.seed)-\(name.replacing(" ", with: "-")).bundle"
      let url = folder.appending(path: file)
      try Data(bytes).write(to: url, options: .atomic)
      return url.path(percentEncoded: false)
    }
  }
}

/// Takes `--bundle`.
struct BundleOptions: ParsableArguments {
  @Option(
    name: .customLong("bundle"),
    help: ArgumentHelp("Write a bundle of each machine into that folder where a run fails.", valueName: "dir"))
  var path: String?

  var folder: BundleFolder? {
    get throws { try path.map { try BundleFolder($0) } }
  }
}

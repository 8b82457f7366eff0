import Foundation

/// The public fixtures that lie beside the package where they are to be had; none of them is committed.
enum Samples {
  private static var folder: URL {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/samples")
  }

  /// Whether they are there.
  static var arePresent: Bool { !chatGPT.isEmpty && FileManager.default.fileExists(atPath: oasst) }

  /// The paths of the ChatGPT exports.
  static var chatGPT: [String] {
    let directory = folder.appending(path: "chatgpt").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(directory)/\($0)" }
  }

  /// The path of the OASST trees.
  static var oasst: String { folder.appending(path: "oasst/oasst-en_100_tree.jsonl").path }
}

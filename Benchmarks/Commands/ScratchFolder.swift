internal import ArgumentParser
internal import Foundation

/// Where a command leaves what it needs only while it runs.
struct ScratchFolder: ParsableArguments {
  @Option(help: "A folder for scratch files.")
  var dir = "/tmp"

  /// A folder of this process's own, which is not made here.
  var path: String {
    dir + "/anabranch-bench-\(ProcessInfo.processInfo.processIdentifier)"
  }

  /// Removes it with all that is in it.
  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}

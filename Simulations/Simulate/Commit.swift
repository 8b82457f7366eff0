internal import Foundation

/// The commit of the source that lies here, as Git tells it.
enum Commit {
  /// Shortened, with `+` where files differ from it; nil outside of a checkout.
  static var current: String? {
    guard let commit = git("rev-parse", "--short", "HEAD"), !commit.isEmpty else { return nil }
    return git("status", "--porcelain", "--untracked-files=no") == "" ? commit : commit + "+"
  }

  private static func git(_ arguments: String...) -> String? {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

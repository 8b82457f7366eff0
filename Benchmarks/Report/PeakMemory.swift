internal import Foundation

/// The most memory this process ever held at once, in bytes, as the kernel counts it.
enum PeakMemory {
  /// Nil where the kernel does not say.
  static func read() -> Int? { bytes("VmHWM:") }

  /// What it holds now.
  static func now() -> Int? { bytes("VmRSS:") }

  private static func bytes(_ name: String) -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kilobytes * 1024
  }

  /// Counts from what is held now on.
  static func restart() {
    try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
  }
}

import Foundation

/// The files of this checkout, as the tidiness tests read them.
enum SourceTree {
  /// The folder that holds `Package.swift`.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every Swift file of the product: what is in `Sources`.
  static let sources = files(under: ["Sources"], suffixes: [".swift"])

  /// Every file of text that people edit, wherever it lies, the scripts included. What is hidden and what
  /// lies in a folder `Fixtures` is left out: a fixture may look as it likes.
  static let texts: [SourceFile] = {
    let folders = ["Sources", "Tests", "Simulations", "Fuzz/Sources", "docs", "seeds"]
    return files(under: folders, suffixes: [".swift", ".md", ".h"])
      + files(under: ["Scripts", "Tests/Scripts", ".ci"], suffixes: [""])
      + files(under: ["."], suffixes: [".swift", ".md"], recursively: false)
  }()

  /// Whether a file or folder lies at that path, counted from the root.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
  }

  private static func files(
    under folders: [String], suffixes: [String], recursively: Bool = true
  ) -> [SourceFile] {
    folders.flatMap { names(in: $0, recursively: recursively) }.sorted().compactMap { path in
      guard suffixes.contains(where: path.hasSuffix) else { return nil }
      let bytes = try? Data(contentsOf: root.appending(path: path))
      return bytes.map { SourceFile(path: path, text: String(decoding: $0, as: UTF8.self)) }
    }
  }

  /// The paths of what lies in `folder`, counted from the root.
  private static func names(in folder: String, recursively: Bool) -> [String] {
    let path = root.appending(path: folder).path(percentEncoded: false)
    let names =
      recursively
      ? FileManager.default.subpaths(atPath: path)
      : try? FileManager.default.contentsOfDirectory(atPath: path)
    let ours = (names ?? []).filter { name in
      !name.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "Fixtures" }
    }
    return ours.map { folder == "." ? $0 : "\(folder)/\($0)" }
  }
}

/// One file: where it lies and what it says.
struct SourceFile: Sendable {
  /// Counted from the root, with slashes.
  let path: String
  /// The file as it is.
  let text: String
  /// The file without comments and literals, line for line; see ``SwiftCode``.
  let code: String

  init(path: String, text: String) {
    self.path = path
    self.text = text
    self.code = path.hasSuffix(".swift") ? SwiftCode.stripped(text) : text
  }

  /// The folder below `Sources` or `Tests` that it belongs to; empty for a file that lies in neither.
  var target: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }

  /// The lines of ``text``, without their ends.
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  /// The lines of ``code``; as many as ``lines``.
  var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }
}

/// Something untidy, and where.
struct Finding: Equatable, CustomStringConvertible {
  let path: String
  /// Counted from 1.
  let line: Int
  let complaint: String

  var description: String { "\(path):\(line): \(complaint)" }
}

extension [Finding] {
  /// One finding a line, for a failing test's message.
  var report: String { map(\.description).joined(separator: "\n") }
}

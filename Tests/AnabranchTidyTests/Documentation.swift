/// Whether what a library offers says what it does.
enum Documentation {
  /// The public declarations of that file without a `///` comment before them.
  ///
  /// Attributes may stand between the two. What has no access of its own, such as a case or a requirement
  /// of a protocol, is left to the reader's eye.
  static func findings(in file: SourceFile) -> [Finding] {
    let lines = file.lines
    return file.codeLines.enumerated().compactMap { offset, code in
      guard declaresPublicly(code) else { return nil }
      var before = offset - 1
      while before >= 0, lines[before].drop(while: { $0 == " " }).hasPrefix("@") { before -= 1 }
      if before >= 0, lines[before].drop(while: { $0 == " " }).hasPrefix("///") { return nil }
      let complaint = "public, but without a doc comment: \(code.drop { $0 == " " })"
      return Finding(path: file.path, line: offset + 1, complaint: complaint)
    }
  }

  private static let modifiers: Set<Substring> = [
    "public", "open", "package", "internal", "fileprivate", "private", "static", "final", "mutating", "nonmutating",
    "nonisolated", "override",
    "required", "convenience", "indirect", "lazy", "weak", "consuming", "borrowing", "distributed", "dynamic",
  ]

  private static let keywords: Set<Substring> = [
    "struct", "enum", "class", "actor", "protocol", "func", "init", "subscript", "var", "let", "typealias",
    "associatedtype", "macro", "operator",
  ]

  /// Whether a public declaration starts on that line: not an import, an extension or an override.
  private static func declaresPublicly(_ code: Substring) -> Bool {
    let words = code.split(separator: " ").drop { $0.hasPrefix("@") }
    // `nonisolated(unsafe)` counts as `nonisolated`.
    let leading = words.prefix { word in modifiers.contains(word.prefix { $0 != "(" }) }
    guard leading.contains("public") || leading.contains("open") else { return false }
    // `init(`, `init?(` and `subscript(` have no space behind them.
    let keyword = words[leading.endIndex...].first?.prefix { $0.isLetter }
    return keyword.map(keywords.contains) == true && !leading.contains("override")
  }
}

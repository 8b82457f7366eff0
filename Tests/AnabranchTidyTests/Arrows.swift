/// Which module may see which: the arrows of `docs/architecture.md`, which the compiler does not enforce.
enum Arrows {
  /// For each target of `Sources`, the targets of ours that it may import.
  static let table: [String: Set<String>] = [
    "AnabranchCore": [],
    "AnabranchWire": ["AnabranchCore"],
    "AnabranchNoise": ["AnabranchCore", "AnabranchWire"],
    "AnabranchSync": ["AnabranchCore", "AnabranchWire"],
    "AnabranchDiscovery": ["AnabranchCore", "AnabranchWire"],
    "AnabranchStore": ["AnabranchCore", "AnabranchWire", "AnabranchSync", "CZlib"],
    "AnabranchTransport": ["AnabranchCore", "AnabranchWire", "AnabranchSync", "AnabranchDiscovery"],
    "Anabranch": [
      "AnabranchCore", "AnabranchWire", "AnabranchNoise", "AnabranchSync", "AnabranchDiscovery", "AnabranchStore",
      "AnabranchTransport",
    ],
    "AnabranchExchange": ["Anabranch", "AnabranchCore", "CLibZip"],
    "AnabranchCommand": ["Anabranch", "AnabranchCore", "AnabranchExchange"],
    "CLibZip": [], "CZlib": [],
  ]

  /// For each module of others that has a home here, the targets that may import it.
  static let homes: [String: Set<String>] = [
    "Crypto": ["AnabranchWire", "AnabranchNoise", "Anabranch"],
    "CryptoExtras": ["Anabranch"],
    "GRDB": ["AnabranchStore"],
    "NIOCore": ["AnabranchTransport"],
    "NIOPosix": ["AnabranchTransport"],
    "ArgumentParser": [command],
  ]

  /// The targets that hold values and state machines only.
  static let pure: Set<String> = [
    "AnabranchCore", "AnabranchWire", "AnabranchNoise", "AnabranchSync", "AnabranchDiscovery",
  ]

  /// The one target that is a program.
  static let command = "AnabranchCommand"

  /// Whether `target` may import `module`. A module without a home, such as Foundation, is anybody's as
  /// far as the arrows go.
  static func allow(_ target: String, toImport module: String) -> Bool {
    if let allowed = homes[module] { return allowed.contains(target) }
    return table[module] == nil || table[target]?.contains(module) == true
  }

  /// What is wrong with the imports of that file, which lies in `target`.
  static func findings(in file: SourceFile, of target: String) -> [Finding] {
    var findings: [Finding] = []
    for (offset, line) in file.codeLines.enumerated() {
      guard let found = Import(line) else { continue }
      func complain(_ complaint: String) {
        findings.append(Finding(path: file.path, line: offset + 1, complaint: complaint))
      }
      if !found.statesAccess { complain("the import of \(found.module) does not state its access") }
      if !allow(target, toImport: found.module) { complain("\(target) may not import \(found.module)") }
    }
    return findings
  }

  /// Dependencies that `manifest`, the text of `Package.swift`, declares against the arrows.
  static func findings(inManifest manifest: String) -> [Finding] {
    table.keys.sorted().flatMap { target in
      declaredDependencies(of: target, in: manifest).filter { !allow(target, toImport: $0) }.map {
        Finding(path: "Package.swift", line: 1, complaint: "\(target) may not depend on \($0)")
      }
    }
  }

  /// The names in the list that follows the target's own: `("Name", [here])`, with or without a label.
  static func declaredDependencies(of target: String, in manifest: String) -> [String] {
    let declaration = try? Regex(#""\#(target)",\s*(?:dependencies:\s*)?\["#)
    guard let declaration, let start = manifest.firstRange(of: declaration)?.upperBound else { return [] }
    var depth = 1
    let list = manifest[start...].prefix { character in
      depth += character == "[" ? 1 : character == "]" ? -1 : 0
      return depth > 0
    }
    // What stands in quotes: every second piece.
    let quoted = list.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
    return quoted.filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}

/// An import, as one line of code states it.
struct Import {
  /// The module's name, without the declaration or submodule that may follow it.
  let module: String
  /// Whether it says who sees it: `internal import`, `public import`…
  let statesAccess: Bool

  /// The import on that line; nil if there is none.
  init?(_ line: Substring) {
    let words = line.split { $0 == " " || $0 == ";" }
    guard let keyword = words.firstIndex(of: "import") else { return nil }
    let modifiers = words[..<keyword]
    let access: Set<Substring> = ["private", "fileprivate", "internal", "package", "public"]
    guard modifiers.allSatisfy({ access.contains($0) || $0.hasPrefix("@") }) else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
    guard let name = words[(keyword + 1)...].first(where: { !kinds.contains($0) }) else { return nil }
    module = String(name.prefix { $0 != "." })
    statesAccess = modifiers.contains(where: access.contains)
  }
}

import Foundation

/// Links from one document of ours to another file of ours.
enum Links {
  /// The relative links of that document that lead nowhere; `exists` is asked about paths from the root.
  static func findings(in file: SourceFile, exists: (String) -> Bool) -> [Finding] {
    targets(in: file).compactMap { line, target in
      guard let path = resolve(target, from: file.path) else {
        return Finding(path: file.path, line: line, complaint: "a link out of the repository: \(target)")
      }
      return exists(path) ? nil : Finding(path: file.path, line: line, complaint: "a broken link: \(target)")
    }
  }

  /// Each relative link outside code, and its line; without the anchor.
  static func targets(in file: SourceFile) -> [(line: Int, target: String)] {
    var targets: [(line: Int, target: String)] = []
    var fenced = false
    for (offset, line) in file.lines.enumerated() {
      if line.drop(while: { $0 == " " }).hasPrefix("```") { fenced.toggle() }
      guard !fenced else { continue }
      let prose = line.replacing(/`[^`]*`/, with: "``")
      let inline = prose.matches(of: /\]\(([^)\s]+)[^)]*\)/).map(\.1)
      let defined = prose.prefixMatch(of: /\s{0,3}\[[^\]]+\]:\s+(\S+)/).map { [$0.1] } ?? []
      for link in inline + defined where !link.contains(/^[a-zA-Z][a-zA-Z0-9+.\-]*:/) {
        let path = String(link.prefix { $0 != "#" })
        if !path.isEmpty { targets.append((offset + 1, path.removingPercentEncoding ?? path)) }
      }
    }
    return targets
  }

  /// `target` as seen from the root, or nil if it leaves the repository.
  static func resolve(_ target: String, from document: String) -> String? {
    guard !target.hasPrefix("/") else { return nil }
    var folders = document.split(separator: "/").dropLast()
    for part in target.split(separator: "/") where part != "." {
      if part != ".." {
        folders.append(part)
      } else if folders.popLast() == nil {
        return nil
      }
    }
    return folders.joined(separator: "/")
  }
}

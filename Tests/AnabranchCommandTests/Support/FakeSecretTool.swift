import Foundation

/// A `secret-tool` that keeps secrets in a file, in a folder to be put into the search path.
struct FakeSecretTool {
  private let place: Workplace
  let folder: String

  /// Does what the shell's words `before` say before anything else.
  init(in place: Workplace, before: String = "") throws {
    self.place = place
    folder = place.path("bin")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let script = """
      #!/bin/bash
      echo "$*" >> "\(place.path("asked"))"
      env > "\(place.path("surroundings"))"
      \(before)
      file="\(place.path("secret-"))${*: -1}"
      case $1 in
        store) cat > "$file" ;;
        lookup) [ -e "$file" ] && printf %s "$(cat "$file")" ;;
        clear) [ -e "$file" ] && rm "$file" ;;
      esac
      """
    try place.write(script, to: "bin/secret-tool", executable: true)
  }

  /// The search path with it.
  var environment: [String: String] {
    ["PATH": folder + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")]
  }

  /// The arguments of all runs.
  var asked: String {
    (try? String(contentsOfFile: place.path("asked"), encoding: .utf8)) ?? ""
  }

  /// The environment of the last run.
  var surroundings: String {
    (try? String(contentsOfFile: place.path("surroundings"), encoding: .utf8)) ?? ""
  }

  /// What it keeps, by name.
  var secrets: [String: String] {
    get throws {
      var secrets: [String: String] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: place.folder) where name.hasPrefix("secret-") {
        secrets[String(name.dropFirst(7))] = try String(contentsOfFile: place.path(name), encoding: .utf8)
      }
      return secrets
    }
  }
}

extension Workplace {
  /// Writes a file for its owner alone, and returns its path.
  @discardableResult
  func write(_ text: String, to name: String, executable: Bool) throws -> String {
    let path = try write(text, to: name)
    try FileManager.default.setAttributes([.posixPermissions: executable ? 0o700 : 0o600], ofItemAtPath: path)
    return path
  }
}

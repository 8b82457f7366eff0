internal import Anabranch
internal import Foundation

/// The editor that a person uses: `VISUAL`, else `EDITOR`, else `vi`.
enum TextEditor {
  /// Whether there is a terminal to show it in.
  static var isAvailable: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
  }

  /// Lets a person edit `text`, and returns it as they leave it.
  ///
  /// The text lies meanwhile in a folder that is its owner's alone, and is removed after. Where the editor fails, or
  /// leaves something that is not UTF-8, that is thrown, and the file is kept.
  static func edit(_ text: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "anabranch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    let file = folder.appending(path: "text.md")
    try Data(text.utf8).write(to: file)
    let status = try run(file)
    guard status == 0 else {
      throw AnabranchError(
        .invalid, "the editor ended with status \(status); nothing was changed",
        remedy: "what it left lies in \(file.path)")
    }
    let bytes = try Data(contentsOf: file)
    guard var edited = String(validating: bytes, as: UTF8.self) else {
      throw AnabranchError(
        .invalid, "expected text in UTF-8 from the editor; nothing was changed", remedy: "it lies in \(file.path)")
    }
    try? FileManager.default.removeItem(at: folder)
    // Editors end a file with a newline, whether the text has one or not.
    if edited.hasSuffix("\n"), !text.hasSuffix("\n") { edited.unicodeScalars.removeLast() }
    return edited
  }

  /// Runs the editor in this terminal. Not by `Process`, which puts a child where the terminal does not reach it.
  private static func run(_ file: URL) throws -> Int32 {
    let environment = ProcessInfo.processInfo.environment
    let names = ["VISUAL", "EDITOR"].compactMap { environment[$0] }.filter { !$0.isEmpty }
    // An editor may be given with arguments, so a shell reads it; the file is no part of what it reads.
    let arguments = ["sh", "-c", "\(names.first ?? "vi") \"$1\"", "sh", file.path]
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/bin/sh", nil, nil, &pointers, environ)
    guard failure == 0 else {
      throw AnabranchError(.io, "cannot run an editor: \(String(cString: strerror(failure)))", remedy: "set EDITOR")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1 {
      guard errno == EINTR else { throw AnabranchError(.io, "lost sight of the editor") }
    }
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }
}

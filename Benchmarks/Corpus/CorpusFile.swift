internal import ArgumentParser
internal import Foundation

/// A corpus in a file: a line a message, five fields between tabs.
enum CorpusFile {
  /// The first `count` messages of the file at `path`.
  static func read(_ path: String, count: Int) throws -> [Message] {
    let text: Substring.UTF8View
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)[...].utf8
    } catch {
      throw ValidationError("cannot read \(path): \(error.localizedDescription)")
    }
    var messages: [Message] = []
    var rest = text
    while messages.count < count, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let fields = Substring(rest[..<end]).utf8.split(
        separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false
      ).map { String(Substring($0)) }
      guard fields.count == 5, let created = Int64(fields[3]) else {
        throw ValidationError(
          "expected five fields between tabs in line \(messages.count + 1) of \(path), got \(fields.count)")
      }
      messages.append(
        Message(id: fields[0], conversation: fields[1], role: fields[2], created: created, body: fields[4]))
      rest = rest[rest.index(after: end)...]
    }
    return messages
  }
}

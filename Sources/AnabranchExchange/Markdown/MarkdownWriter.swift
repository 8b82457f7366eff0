public import Anabranch
internal import AnabranchCore

/// Writes a history as Markdown for people to read; it cannot be read back.
///
/// Each conversation is a chapter, its notes and each message a section, with who spoke, when, and with which model. Where a
/// message does not simply follow the one above it, a line says what it follows. Memory is one message.
public struct MarkdownWriter: HistoryWriter {
  private let sink: ByteSink
  private let files: String?
  private var isFirst = true
  private var previous: String?
  private var model: String?

  /// Writes to `sink`, a section at a time; where the attached files lie in the folder `files`, as seen from what is written,
  /// with links to them.
  public init(files: String? = nil, sink: @escaping ByteSink) {
    self.files = files
    self.sink = sink
  }

  /// Writes a conversation's head or a message; nothing for a warning.
  public mutating func write(_ event: HistoryEvent) throws {
    switch event {
    case .conversation(let conversation): try write(conversation)
    case .message(let message): try write(message)
    case .warning: break
    }
  }

  /// Writes nothing: a section ends where the next one begins.
  public mutating func finish() throws {}

  private mutating func write(_ conversation: SourceConversation) throws {
    let title = conversation.title.map(Self.line) ?? ""
    var output = isFirst ? "" : "\n---\n\n"
    output += "# \(title.isEmpty ? "Untitled" : title)\n\n"
    output += "- From: \(Self.line(conversation.source)) \(Self.code(conversation.id))\n"
    if let created = conversation.created.flatMap(Timestamp.text) { output += "- Created: \(created)\n" }
    if let updated = conversation.updated.flatMap(Timestamp.text) { output += "- Updated: \(updated)\n" }
    if let model = conversation.model { output += "- Model: \(Self.line(model))\n" }
    if !conversation.tags.isEmpty {
      output += "- Tags: \(conversation.tags.map(Self.line).joined(separator: ", "))\n"
    }
    if !conversation.folders.isEmpty {
      output += "- In: \(conversation.folders.map(Self.line).joined(separator: ", "))\n"
    }
    for field in conversation.fields { output += "- \(Self.line(field.name)): \(Self.line(field.value))\n" }
    let states = [
      ("archived", conversation.archived), ("pinned", conversation.pinned),
      ("in the trash", conversation.trashed),
    ]
    .filter(\.1).map(\.0)
    if !states.isEmpty { output += "- State: \(states.joined(separator: ", "))\n" }
    if let current = conversation.current { output += "- Last looked at: \(Self.code(current))\n" }
    if !conversation.notes.isEmpty { output += "\n## Notes\n\n\(Self.closed(Self.lines(conversation.notes)))\n" }
    isFirst = false
    previous = nil
    model = conversation.model
    try sink(Array(output.utf8))
  }

  private mutating func write(_ message: SourceMessage) throws {
    var head = message.role.name
    if let author = message.author, !author.isEmpty { head += " (\(Self.line(author)))" }
    if let own = message.model, own != model { head += ", \(Self.line(own))" }
    if let created = message.created.flatMap(Timestamp.text) { head += " · \(created)" }
    var output = "\n## \(head)\n\n"
    if let branch = branch(message) { output += "*\(branch); this is \(Self.code(message.id))*\n\n" }
    let text = Self.lines(message.text)
    output += message.role == .tool ? Self.fenced(text) : Self.closed(text)
    for file in message.attachments {
      let facts = [file.mediaType, file.byteCount.map { "\($0) bytes" }].compactMap(\.self).joined(separator: ", ")
      output += "\n\n*Attached: \(reference(to: file))\(facts.isEmpty ? "" : ", \(Self.line(facts))")*"
      if let files, file.mediaType?.hasPrefix("image/") == true {
        output += "\n\n![](\(Self.address(of: file, in: files)))"
      }
    }
    previous = message.id
    try sink(Array((output + "\n").utf8))
  }

  private func reference(to file: SourceAttachment) -> String {
    let name = Self.code(file.name ?? file.id)
    return files.map { "[\(name)](\(Self.address(of: file, in: $0)))" } ?? name
  }

  /// The address of a file in a folder beside what is written, with all bytes escaped that may mean something there.
  private static func address(of file: SourceAttachment, in folder: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
    return "\(folder)/\(file.id)".utf8.reduce(into: "") { address, byte in
      if plain.contains(byte) {
        address.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        address += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }

  /// What is said of a message's place; nil if it simply follows the one above it.
  private func branch(_ message: SourceMessage) -> String? {
    let parents = message.parents.map(Self.code).joined(separator: " and ")
    if message.parents.count > 1 { return "Rejoins \(parents)" }
    if message.startsLine {
      return message.parents.isEmpty ? "Branch: another beginning" : "Branch: another line after \(parents)"
    }
    guard message.parents.first != previous else { return nil }
    return message.parents.isEmpty ? "A beginning" : "Follows \(parents)"
  }

  /// A text as one line, without control characters.
  private static func line(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
    var line = String.UnicodeScalarView()
    line.append(contentsOf: scalars)
    return PrintableText.printable(String(line))
  }

  /// A text without what would do something to a terminal, or reorder what is read; its lines and tabs stay.
  private static func lines(_ text: String) -> String {
    let text = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    return PrintableText.printable(text, keeping: ["\n", "\t"])
  }

  /// A name between backticks.
  private static func code(_ name: String) -> String {
    "`\(line(name).replacing("`", with: "'"))`"
  }

  /// A text between fences longer than any run of backticks in it.
  private static func fenced(_ text: String) -> String {
    var longest = 2
    var run = 0
    for byte in text.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence)\n\(text)\n\(fence)"
  }

  /// A text as it is; a fence it leaves open is closed, so that it does not swallow what follows.
  private static func closed(_ text: String) -> String {
    var open: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
      let fence = line.drop { $0 == " " }.prefix { $0 == "`" }
      guard fence.count >= 3 else { continue }
      if let opener = open {
        if fence.count >= opener.count { open = nil }
      } else {
        open = fence
      }
    }
    return open.map { "\(text)\n\($0)" } ?? text
  }
}

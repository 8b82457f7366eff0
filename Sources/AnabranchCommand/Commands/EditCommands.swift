internal import Anabranch
internal import ArgumentParser

struct EditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Change what a message says.",
    discussion: """
      The new text comes from the arguments, from standard input, or, in a terminal, from your editor. Only the words \
      that differ are changed, so what another device changes elsewhere in it at the same time stays.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The message, by its identifier or the beginning of it.")
  var message: String

  @Argument(help: "What it shall say; standard input if it is “-”.")
  var text: [String] = []

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    let id = try await replica.find(message, .message)
    let old = try await replica.message(id).message.text
    try await replica.close()
    let new = text.isEmpty && TextEditor.isAvailable ? try TextEditor.edit(old) : try SpokenText.read(text)
    try await options.rewrite(.body, of: id, from: old, to: new) { style in "message \(style.yellow(id.description))" }
  }
}

struct NotesCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notes", abstract: "Read or change the notes on a conversation.",
    discussion: """
      All devices share them, and may write in them at the same time. They are lines: what does not end with a line end \
      gets one, so that what two devices begin stands below each other.
      """)

  @OptionGroup var page: PageOptions

  var onlyReads: Bool { page.onlyReads }

  func run() async throws {
    try await page.run(.notes, \.notes)
  }
}

struct DraftCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draft", abstract: "Read or change what you are about to say.",
    discussion: "Begin it on one device and finish it on another; --say makes a message of it.")

  @OptionGroup var page: PageOptions

  @Flag(name: .long, help: "Say it, and empty the draft.")
  var say = false

  func validate() throws {
    guard !say || (page.text.isEmpty && !page.editor) else {
      throw ValidationError("expected either --say or a text")
    }
  }

  var onlyReads: Bool { page.onlyReads && !say }

  func run() async throws {
    guard say else { return try await page.run(.draft, \.draft) }
    try await page.options.write(.sayDraft(conversation: page.id)) {
      "\($1.green("✓")) message \($1.yellow($0.message ?? ""))"
    }
  }
}

/// A text that belongs to a conversation as a whole.
struct PageOptions: ParsableArguments {
  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "What shall stand there; standard input if it is “-”. It is shown where there is none.")
  var text: [String] = []

  @Flag(name: [.customLong("edit"), .customShort("e")], help: "Open it in your editor.")
  var editor = false

  func validate() throws {
    guard !editor || text.isEmpty else { throw ValidationError("expected either --edit or a text") }
  }

  /// Whether the text is only to be shown.
  var onlyReads: Bool { text.isEmpty && !editor }

  /// Prints the text, or changes it to what is given.
  func run(_ kind: TextKind, _ present: (ConversationRecord) -> String) async throws {
    let replica = try await options.read()
    let conversation = try await replica.find(id, .conversation)
    let old = present(try await replica.conversation(conversation))
    try await replica.close()
    if onlyReads {
      return try options.output.print(TextReport(conversation: conversation.description, text: old)) { style in
        let shown = kind == .notes ? old.withoutFinalLineEnd : old
        return style.isTerminal ? TextWidth.wrap(shown, style.columns).joined(separator: "\n") : shown
      }
    }
    if editor && !TextEditor.isAvailable {
      throw AnabranchError(
        .invalid, "there is no terminal to edit in", remedy: "give the text, or - and standard input")
    }
    var new = editor ? try TextEditor.edit(old) : try SpokenText.read(text, mayBeBlank: true)
    if kind == .notes, !new.isEmpty, new.unicodeScalars.last != "\n" { new += "\n" }
    try await options.rewrite(kind, of: conversation, from: old, to: new) { style in
      "\(kind == .notes ? "notes on" : "draft in") \(style.yellow(conversation.description))"
    }
  }
}

extension String {
  /// Lines without the end of the last one.
  var withoutFinalLineEnd: String {
    unicodeScalars.last == "\n" ? String(unicodeScalars.dropLast()) : self
  }
}

/// What `notes --json` and `draft --json` print.
struct TextReport: Codable {
  var conversation: String
  var text: String
}

extension GlobalOptions {
  /// Makes `new` of a text that said `old` when it was read.
  fileprivate func rewrite(
    _ kind: TextKind, of object: ObjectID, from old: String, to new: String, _ name: (Style) -> String
  ) async throws {
    let request = Request.rewrite(object: object.description, text: kind.rawValue, from: old, to: new)
    try await write(request) { written, style in
      written.unchanged == true
        ? "\(name(style)) is as it was; nothing was changed" : "\(style.green("✓")) \(name(style))"
    }
  }
}

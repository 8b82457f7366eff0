internal import AnabranchCore
internal import AnabranchWire

/// Says in words what a change did, by nothing but changes that came before it.
struct ChangeWords {
  /// What conversations were called last.
  private var titles: [ObjectID: String] = [:]

  /// What `change` did: the first thing of it, and how much more; `name` tells what a device is called.
  mutating func text(of change: Change, naming name: (Digest) -> String?) -> String {
    let operations = change.operations.filter { $0.envelope.kind != .chunk }
    let imports = operations.count { [.importConversation, .importMessage].contains($0.envelope.kind) }
    if imports > 0 { return "imported \(imports) \(imports == 1 ? "thing" : "things")" }
    // What it calls a conversation is what that is called from then on.
    let title = operations.first {
      if case .writeRegister(let write) = $0.mutation { write.register == .title } else { false }
    }
    defer { if let title, let id = title.envelope.target { titles[id] = title.text } }
    if let title, operations.contains(where: { $0.envelope.kind == .createConversation }) {
      return "began \(Self.quoted(title.text, else: "a conversation"))"
    }
    var parts: [String] = []
    for operation in operations {
      let words = words(operation, among: operations, name)
      if let words, !parts.contains(words) { parts.append(words) }
    }
    guard let first = parts.first else { return "did something" }
    return parts.count > 1 ? "\(first), and \(parts.count - 1) more" : first
  }

  private func words(_ operation: Operation, among operations: [Operation], _ name: (Digest) -> String?) -> String? {
    let place = Self.quoted(operation.envelope.target.flatMap { titles[$0] }, else: "a conversation")
    let said = Self.quoted(operation.text, else: "something")
    switch operation.mutation {
    case .createConversation: return "began a conversation"
    case .createMessage(let message):
      if operation.text?.isEmpty == true { return message.role == .user ? "began to say something" : "began an answer" }
      return message.role == .user ? "said \(said)" : "answered \(said)"
    case .appendText:
      let isPart = operations.contains { $0.envelope.kind == .createMessage && $0.index < operation.index }
      return isPart ? nil : "went on with \(said)"
    case .editText(let edit): return Self.edited(edit.text, place)
    case .writeRegister(let write): return Self.wrote(write.register, said, place)
    case .addElement(let add):
      switch add.set {
      case .folders: return "put \(place) into \(said)"
      case .attachments: return "attached a file"
      default: return "tagged \(place) \(said)"
      }
    case .removeElement(let remove):
      switch remove.set {
      case .folders: return "took \(place) out of a folder"
      case .attachments: return "detached a file"
      default: return "took a tag from \(place)"
      }
    case .trash: return "deleted \(place)"
    case .restore: return "restored \(place)"
    case .purge: return "purged something for good"
    case .purgePast: return "purged what was deleted from \(place)"
    case .markRead: return "read \(place)"
    case .receipt: return "carried out a purge"
    case .withdraw, .reinstate, .regainText:
      return operations.contains { $0.envelope.kind == .undo } ? nil : "took something back"
    case .undo: return "undid something"
    case .enrol(let enrol): return "let \(Self.quoted(name(enrol.device), else: "a device")) in"
    case .restrict(let restrict):
      let device = Self.quoted(name(restrict.device), else: "a device")
      return restrict.role == .outsider ? "removed \(device)" : "left \(device) only the right to read"
    case .adopt: return "brought another history along"
    case .chunk, .importConversation, .importMessage, .unknown: return nil
    }
  }

  private static func edited(_ text: TextKind, _ place: String) -> String {
    switch text {
    case .body: "edited a message"
    case .draft: "edited the draft in \(place)"
    default: "edited the notes on \(place)"
    }
  }

  private static func wrote(_ register: RegisterKind, _ said: String, _ place: String) -> String {
    switch register {
    case .title: "renamed \(place) to \(said)"
    case .archived: "archived \(place), or took it out"
    case .pinned: "pinned something, or let go of it"
    case .name: "called itself \(said)"
    case .model: "chose the model \(said) for \(place)"
    default: "set a field of \(place)"
    }
  }

  private static func quoted(_ text: String?, else words: String) -> String {
    guard let text = text?.split(whereSeparator: \.isWhitespace).joined(separator: " ") else { return words }
    return "“\(text.count > lettersMax ? text.prefix(lettersMax - 1) + "…" : text)”"
  }

  private static let lettersMax = 40
}

extension Operation {
  /// What it says, where that is text and there.
  fileprivate var text: String? {
    guard let bytes = envelope.content.bytes else { return nil }
    switch mutation {
    case .createMessage: return MessageContent(canonicalBytes: bytes)?.text
    default: return String(utf8: bytes)
    }
  }
}

internal import Anabranch

/// Says in words what an action did.
struct ActionWords {
  /// What conversations are called.
  private var titles: [ObjectID: String] = [:]
  /// What devices are called.
  private var names: [Digest: String] = [:]
  /// What each conversation is called in place of its title; nil for that.
  private var pronoun: String?

  /// Calls the conversation that a step happened in “it”.
  private init() {
    pronoun = "it"
  }

  /// What was done in a conversation that was named before, which is called “it”; nil where that says nothing.
  static func deed(_ step: ActionRecord.Step) -> String? {
    ActionWords().words(step, among: [step])
  }

  /// Looks up what the conversations are called that the actions touch; one that is gone has no title.
  init(for actions: [ActionRecord], from replica: Replica) async throws {
    if let devices = try await Rereading.ifThere({ try await replica.devices() }) {
      names = Dictionary(devices.map { ($0.device, $0.name) }, uniquingKeysWith: { first, _ in first })
    }
    for conversation in Set(actions.flatMap { $0.steps.compactMap(\.conversation) }) {
      guard let summary = try await Rereading.ifThere({ try await replica.summary(of: conversation) }) else { continue }
      titles[conversation] = summary.title
    }
  }

  func text(_ action: ActionRecord) -> String {
    if let undid = Self.undid(action.undoes) { return undid }
    if action.conversations + action.messages > 0 {
      return "imported \(Count.conversations(action.conversations)), \(Count.messages(action.messages))"
    }
    var parts: [String] = []
    let steps = action.steps.filter { $0.kind != .chunk }
    for step in steps {
      // To begin a conversation is to give it its title, and an answer is one thing however many pieces it came in.
      let isPart =
        step.register == .title && steps.contains { $0.kind == .createConversation && $0.object == step.object }
        || step.kind == .appendText && steps.contains { $0.kind == .createMessage && $0.object == step.object }
        || step.register == .name && steps.contains { $0.kind == .enrol || $0.kind == .adopt }
      let words = isPart ? nil : words(step, among: steps)
      if let words, !parts.contains(words) { parts.append(words) }
    }
    guard let first = parts.first else { return action.isWhole ? "nothing that shows" : "more than fits here" }
    let more = parts.count - 1
    return more > 0 ? "\(first), and \(more) more" : first
  }

  /// What an undo of those actions did; nil where there are none.
  static func undid(_ actions: [ChangeID]) -> String? {
    guard let first = actions.first else { return nil }
    return "undid \(actions.count == 1 ? first.actionName.short : "\(actions.count) actions")"
  }

  private func words(_ step: ActionRecord.Step, among steps: [ActionRecord.Step]) -> String? {
    let name = pronoun ?? quoted(step.conversation.flatMap { titles[$0] }, else: "a conversation")
    switch step.kind {
    case .createConversation:
      let title = steps.first { $0.register == .title && $0.object == step.object }?.content
      return "began \(quoted(title ?? step.object.flatMap { titles[$0] }, else: "a conversation"))"
    case .createMessage:
      let pieces = steps.filter { $0.kind == .appendText && $0.object == step.object }.compactMap(\.content)
      let said = step.content.map { $0 + pieces.joined() }
      return
        "\(step.role == .user ? "said" : "\(step.role?.name ?? "somebody") said") \(quoted(said, else: "something"))"
    case .appendText: return "went on with \(quoted(step.content, else: "a message"))"
    case .editText: return "edited \(textName(step.text)) \(name)"
    case .writeRegister: return register(step, name)
    case .addElement:
      let word = quoted(step.content, else: "a word")
      switch step.set {
      case .folders: return "put \(name) into \(word)"
      case .attachments: return "attached \(quoted(step.content, else: "a file")) in \(name)"
      default: return "tagged \(name) \(word)"
      }
    case .removeElement:
      let word = quoted(step.content, else: "a word")
      switch step.set {
      case .folders: return "took \(name) out of \(word)"
      case .attachments: return "detached \(quoted(step.content, else: "a file")) in \(name)"
      default: return "took the tag \(word) from \(name)"
      }
    case .trash: return "deleted \(name)"
    case .restore: return "restored \(name)"
    case .purge: return "purged something for good"
    case .purgePast: return "purged what was deleted from \(name)"
    case .receipt: return "carried out a purge"
    case .markRead: return "read \(name)"
    case .withdraw: return "took something of \(name) back"
    case .reinstate: return "brought something of \(name) back"
    case .enrol:
      return "let \(quoted(step.device.flatMap { names[$0] }, else: "a device")) in, as \(step.deviceRole?.name ?? "?")"
    case .restrict:
      let name = quoted(step.device.flatMap { names[$0] }, else: "a device")
      return step.deviceRole == .outsider ? "removed \(name)" : "made \(name) a \(step.deviceRole?.name ?? "?")"
    case .adopt: return "brought another history along"
    default: return "did something a newer version knows"
    }
  }

  private func register(_ step: ActionRecord.Step, _ name: String) -> String {
    switch step.register {
    case .title:
      let title = quoted(step.content, else: "something")
      return step.before.map { "renamed \(quoted($0, else: "")) to \(title)" }
        ?? "named \(pronoun ?? "a conversation") \(title)"
    case .archived: return step.content == "1" ? "archived \(name)" : "took \(name) out of the archive"
    case .pinned:
      let what = step.object == step.conversation ? name : "a message of \(name)"
      return step.content == "1" ? "pinned \(what)" : "unpinned \(what)"
    case .name: return "called a device \(quoted(step.content, else: "something"))"
    case .model: return "chose the model \(quoted(step.content, else: "of another name")) for \(name)"
    case .fields: return field(step, step.object == .settings ? nil : name)
    default: return "changed something of \(name)"
    }
  }

  /// What was done to a field of what is called `name`; nil for a setting.
  private func field(_ step: ActionRecord.Step, _ name: String?) -> String {
    let owner = name ?? "the settings"
    guard let field = step.field else { return "set a field of \(owner)" }
    guard let value = step.content else {
      return name == nil ? "took “\(field)” from \(owner)" : "took the field “\(field)” from \(owner)"
    }
    return "set \(field) = \(value.isEmpty ? "nothing" : value) of \(owner)"
  }

  private func textName(_ text: TextKind?) -> String {
    switch text {
    case .notes: "the notes on"
    case .draft: "the draft in"
    default: "a message in"
    }
  }

  private func quoted(_ text: String?, else words: String) -> String {
    text.map { "“\(TextWidth.fit($0, 40))”" } ?? words
  }
}

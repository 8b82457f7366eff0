internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct WhyCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Why something is as it is: what was done to it, by whom, and which rule decided.",
    discussion: """
      WHAT is title, model, archived, pinned, trash, purge, tag:WORD, folder:WORD or field:NAME of a conversation; of a message it is \
      message (whether it shows), which may be left out, place (where it is read), text (why it says what it says) or pinned; of a \
      conversation also draft and notes; and of settings, in place of an identifier, the name of one. \
      What shows comes first, then the last thing first; of texts what was done first. `anabranch undo` takes one back by the \
      name in front of it.
      """)

  @OptionGroup var options: PastOptions

  @Argument(help: "The conversation or the message, by its identifier or the beginning of it; or the word settings.")
  var id: String

  @Argument(help: "What of it.")
  var what: String?

  @Option(
    name: .long, help: ArgumentHelp("Of a text at most so many edits, the last ones; up to 1000.", valueName: "n"))
  var limit = 20

  /// What of it; nil for what a message is asked about by itself.
  private var facet: Facet? {
    get throws {
      guard let what else { return nil }
      if id == Self.settings { return .field(what) }
      if isPlace || text != nil { return .message }
      guard let facet = Facet(argument: what) else {
        throw ValidationError(
          "expected message, place, text, draft, notes, title, model, archived, pinned, trash, purge, tag:WORD, folder:WORD or field:NAME, got “\(what)”"
        )
      }
      return facet
    }
  }

  private static let settings = "settings"

  private var isPlace: Bool { what == "place" && id != Self.settings }

  /// The text that is asked about; nil for anything else.
  private var text: WhyText? { id == Self.settings ? nil : what.flatMap(WhyText.init) }

  private static let limitMax = 1_000

  func validate() throws {
    try checkLimit(limit, most: Self.limitMax)
    if id == Self.settings { try Self.refuseBlank(what ?? "", expected: "the name of a setting after settings") }
    _ = try facet
  }

  func run() async throws {
    let replica = try await options.read()
    do {
      try await explain(in: replica)
    } catch let error as AnabranchError {
      throw await naming(error, in: replica)
    }
  }

  /// The error that what is asked about is gone or does not show, with the command that tells why; any other one as it is.
  private func naming(_ error: AnabranchError, in replica: Replica) async -> AnabranchError {
    let isText = isPlace || text == .text
    guard error.code == .purged || error.code == .notFound && isText else { return error }
    let message = try? await replica.findHeld(id, .message)
    let conversation = error.code == .purged ? try? await replica.findHeld(id, .conversation) : nil
    guard let object = isText ? message : conversation ?? message else { return error }
    return AnabranchError(
      error.code, error.code == .purged ? error.message : "the message \(object) does not show",
      remedy: "see `anabranch inspect why \(object.short)`")
  }

  private func explain(in replica: Replica) async throws {
    if isPlace {
      let (record, place) = try await replica.place(of: try await replica.find(id, .message))
      let names = try await replica.logNames()
      try await replica.close()
      return try options.output.print(PlaceReport(place, in: record, names)) { style in
        PlaceView(place: place, record: record, names: names, style: style, now: Moment.nowMs).text
      }
    }
    if let text { return try await explain(text, in: replica) }
    let (object, facet) = try await subject(in: replica)
    let contenders = try await replica.contenders(for: facet, of: object)
    let words = WhyWords(facet, of: object, contenders, names: try await replica.logNames(), now: Moment.nowMs)
    try await replica.close()
    try options.output.print(WhyReport(words)) { words.text($0) }
  }

  /// Tells why a text reads as it does.
  private func explain(_ text: WhyText, in replica: Replica) async throws {
    let object = try await replica.find(id, text == .text ? .message : .conversation)
    let told = try await replica.explanation(of: text.kind, of: object, limit: limit)
    let names = try await replica.logNames()
    try await replica.close()
    try options.output.print(TextWhyReport(told, text, of: object, names)) { style in
      TextWhyView(told: told, text: text, object: object, names: names, style: style).lines.joined(separator: "\n")
    }
  }

  /// What is asked about.
  private func subject(in replica: Replica) async throws -> (ObjectID, Facet) {
    switch try facet {
    case .message?: return (try await replica.findHeld(id, .message), .message)
    case .purge?: return (try await replica.findHeld(id, .conversation), .purge)
    case .pinned?: return (try await replica.find(id), .pinned)
    case let facet?: return (id == Self.settings ? .settings : try await replica.find(id, .conversation), facet)
    case nil:
      do throws(AnabranchError) {
        if let message = try await replica.findMessageIfAny(id) { return (message, .message) }
      } catch {
        guard error.code == .purged else { throw error }
        return (try await replica.findHeld(id, .conversation), .purge)
      }
      throw ValidationError("expected what of the conversation \(id) is asked about: title or trash, for example")
    }
  }
}

/// A text that `inspect why` tells of.
enum WhyText: String {
  case text, draft, notes

  /// The one that is called so; nil where this version does not know it.
  init?(_ kind: TextKind) {
    switch kind {
    case .body: self = .text
    case .draft: self = .draft
    case .notes: self = .notes
    default: return nil
    }
  }

  var kind: TextKind {
    switch self {
    case .text: .body
    case .draft: .draft
    case .notes: .notes
    }
  }
}

/// What `inspect why --json` prints.
struct WhyReport: Encodable {
  var object: String
  /// As it was asked for.
  var what: String
  var contenders: [ContenderReport]

  init(_ words: WhyWords) {
    object = words.object.description
    what = words.facet.argument
    contenders = words.contenders.map { ContenderReport($0, words.names) }
  }
}

/// Something that was done, as `inspect why --json` prints it.
struct ContenderReport: Encodable {
  /// The log, the number of the change in it, and the place in the change.
  var operation: String
  var action: String
  var log: String
  /// What people call the device.
  @Nullable var device: String?
  var kind: UInt32
  /// Whether an undo did it.
  var isUndo: Bool
  /// The actions that this undoes.
  var undoes: [String]
  /// What else it was done to: the conversation that holds a message, or a message that follows it.
  @Nullable var other: String?
  var time: String
  /// Of an import, when the source changed the conversation last.
  @Nullable var updated: String?
  /// Of the import of a message that shows, the other one that its text is from.
  @Nullable var textFrom: String?
  @Nullable var value: String?
  /// By log the last change that it builds on.
  var builtOn: [String: UInt32]
  /// `stands`, `replaced`, `outranked`, `withdrawn`, `overtaken`, `incomplete`, `yields`, `passed-over`, `purged`, `neutral` or
  /// `uncounted`.
  var fate: String
  /// The operation that decided it; null for what stands.
  @Nullable var by: String?
  /// The action which that belongs to.
  @Nullable var byAction: String?
  /// Of what is withdrawn, how many more undos that stand took it back.
  var moreUndos: Int
  /// Of what is outranked or passed over, what told them apart: `time`, `source`, `content`, `log` or `place`.
  @Nullable var tiebreak: String?
  /// Of what has no effect, what its device might do: `removed`, `reader` or `writer`; null where nobody ever let it in.
  @Nullable var role: String?
  /// Of what is told of the trash, what was done, in words.
  @Nullable var text: String?
  /// The action that took back since what keeps a conversation out of the trash all the same.
  @Nullable var undoneBy: String?
  /// Of a purge, whether the bytes that it takes are gone from this device.
  @Nullable var erased: Bool?
  /// Of a purge, when they go; null where they are gone, or go now.
  @Nullable var due: String?
  /// Of what counts though its device might not do it, why.
  @Nullable var need: NeedReport?

  init(_ contender: Contender, _ names: LogNames) {
    func name(_ operation: OperationID) -> String { "\(operation.log)/\(operation.sequence)/\(operation.index)" }
    operation = name(contender.operation)
    action = contender.action.actionName.description
    log = contender.operation.log.description
    device = names[contender.operation.log]
    (kind, isUndo) = (contender.kind.rawValue, contender.isUndo)
    undoes = contender.undoes.map(\.actionName.description)
    time = Moment.text(contender.time.milliseconds)
    other = contender.other?.description
    updated = contender.updated.map { Moment.text($0) }
    textFrom = contender.textFrom.map(name)
    value = contender.value
    builtOn = Dictionary(contender.builtOn.entries.map { ($0.log.description, $0.sequence) }) { first, _ in first }
    by = contender.fate.decidedBy.map(name)
    byAction = contender.decidedBy?.actionName.description
    moreUndos = contender.moreUndos
    text = contender.step.flatMap(ActionWords.deed)
    undoneBy = contender.undoneBy?.actionName.description
    need = contender.need.map { NeedReport($0) }
    erased = contender.kind == .purge && contender.fate == .stands ? contender.due == nil : nil
    due = contender.due.flatMap { $0 > 0 ? Moment.text($0) : nil }
    (tiebreak, role) = (nil, nil)
    switch contender.fate {
    case .stands: fate = "stands"
    case .replaced: fate = "replaced"
    case .outranked(_, let rule): (fate, tiebreak) = ("outranked", rule.rawValue)
    case .withdrawn: fate = "withdrawn"
    case .overtaken: fate = "overtaken"
    case .incomplete: fate = "incomplete"
    case .yields: fate = "yields"
    case .passedOver(_, let rule): (fate, tiebreak) = ("passed-over", rule.rawValue)
    case .purged: fate = "purged"
    case .neutral: fate = "neutral"
    case .uncounted(let role): (fate, self.role) = ("uncounted", role?.name)
    }
  }
}

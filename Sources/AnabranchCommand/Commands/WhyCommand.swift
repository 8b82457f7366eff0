internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct WhyCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Why something is as it is: what was done to it, by whom, and which rule decided.",
    discussion: """
      WHAT is title, model, archived, pinned, trash, tag:WORD, folder:WORD or field:NAME. What shows comes first, then the \
      last thing first. `anabranch undo` takes one back by the name in front of it.
      """)

  @OptionGroup var options: PastOptions

  @Argument(help: "The conversation, or with pinned also a message, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "What of it.", transform: WhyCommand.facet)
  var what: Facet

  func run() async throws {
    let replica = try await options.read()
    let object = try await what == .pinned ? replica.find(id) : replica.find(id, .conversation)
    let contenders = try await replica.contenders(for: what, of: object)
    let words = WhyWords(what, of: object, contenders, names: try await replica.names())
    try await replica.close()
    try options.output.print(WhyReport(words)) { words.text($0) }
  }

  private static func facet(_ text: String) throws -> Facet {
    guard let facet = Facet(argument: text) else {
      throw ValidationError(
        "expected title, model, archived, pinned, trash, tag:WORD, folder:WORD or field:NAME, got “\(text)”")
    }
    return facet
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
  var time: String
  @Nullable var value: String?
  /// By log the last change that it builds on.
  var builtOn: [String: UInt32]
  /// `stands`, `replaced`, `outranked`, `withdrawn`, `overtaken` or `yields`.
  var fate: String
  /// The operation that decided it; null for what stands.
  @Nullable var by: String?
  /// The action which that belongs to.
  @Nullable var byAction: String?
  /// Of what is outranked, what told them apart: `time`, `log` or `place`.
  @Nullable var tiebreak: String?

  init(_ contender: Contender, _ names: [LogID: String]) {
    func name(_ operation: OperationID) -> String { "\(operation.log)/\(operation.sequence)/\(operation.index)" }
    operation = name(contender.operation)
    action = contender.action.actionName.description
    log = contender.operation.log.description
    device = names[contender.operation.log]
    kind = contender.kind.rawValue
    time = Moment.text(contender.time.milliseconds)
    value = contender.value
    builtOn = Dictionary(contender.builtOn.entries.map { ($0.log.description, $0.sequence) }) { first, _ in first }
    by = contender.fate.decidedBy.map(name)
    byAction = contender.decidedBy?.actionName.description
    tiebreak = nil
    switch contender.fate {
    case .stands: fate = "stands"
    case .replaced: fate = "replaced"
    case .outranked(_, let rule): (fate, tiebreak) = ("outranked", rule.rawValue)
    case .withdrawn: fate = "withdrawn"
    case .overtaken: fate = "overtaken"
    case .yields: fate = "yields"
    }
  }
}

internal import Anabranch
internal import ArgumentParser

struct DivergedCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "diverged",
    abstract: "Where a conversation went on at several places, by people who did not know of each other's.",
    discussion: """
      Says what each device did since the last message that all had. The next message that a person says there follows \
      all of them, unless another branch was written later.
      """)

  @OptionGroup var options: PastOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it; all of them unless given.")
  var id: String?

  @Option(name: .long, help: ArgumentHelp("How many conversations at most, the last first.", valueName: "n"))
  var limit = 20

  func validate() throws {
    try checkLimit(limit)
  }

  func run() async throws {
    let replica = try await options.read()
    let (records, count) = try await found(in: replica)
    let names = try await replica.logNames()
    try await replica.close()
    let divergences = records.flatMap { record in record.divergences.map { DivergenceReport($0, in: record, names) } }
    try options.output.print(DivergedReport(count: count, divergences: divergences)) { style in
      guard !divergences.isEmpty else {
        return style.dim(id == nil ? "Nothing has diverged." : "It has not diverged.")
      }
      return DivergedView.text(records, of: count, names, style, more: "--limit")
    }
  }

  /// The conversations that are told of, and how many have diverged of those that are asked about.
  private func found(in replica: Replica) async throws -> (records: [ConversationRecord], count: Int) {
    guard let id else { return try await replica.divergedConversations(limit: limit) }
    let record = try await replica.conversation(try await replica.find(id, .conversation))
    return ([record], record.divergences.isEmpty ? 0 : 1)
  }
}

/// What `inspect diverged --json` prints.
struct DivergedReport: Encodable {
  /// How many conversations have diverged, also those that are not told of.
  var count: Int
  var divergences: [DivergenceReport]
}

/// Where a conversation diverged.
struct DivergenceReport: Encodable {
  struct Branch: Encodable {
    /// The names of the devices on which it was written; the identifiers of logs where those are not known.
    var devices: [String]
    /// The last message before them, where it stands in another branch; null where all have that in common, or there is none.
    @Nullable var after: String?
    /// Its messages, the last of which is the tip.
    var messages: [String]
  }

  var conversation: String
  @Nullable var title: String?
  /// The last message that all have in common; null where there is none.
  @Nullable var ancestor: String?
  /// In the order in which their tips read.
  var branches: [Branch]
  /// Whether all of a branch reads before the next one.
  var readsInOrder: Bool
  /// Whether what a person says next follows all tips.
  var isGoneOnWith: Bool

  init(_ divergence: Divergence, in record: ConversationRecord, _ names: LogNames) {
    conversation = record.summary.id.description
    title = record.summary.title
    ancestor = divergence.ancestor?.id.description
    branches = divergence.branches.map { branch in
      Branch(
        devices: branch.messages.writers(names) { $0.description }, after: branch.after?.id.description,
        messages: branch.messages.map(\.id.description))
    }
    (readsInOrder, isGoneOnWith) = (divergence.readsInOrder, divergence.isGoneOnWith)
  }
}

extension [MessageRecord] {
  /// On which devices they were written, in the order of their first messages; `unknown` names a log whose device is not known.
  func writers(_ names: LogNames, unknown: (LogID) -> String) -> [String] {
    var writers: [String] = []
    for name in map({ names[$0.log] ?? unknown($0.log) }) where !writers.contains(name) { writers.append(name) }
    return writers
  }
}

internal import Anabranch
internal import ArgumentParser

struct ConflictsCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "Where several values stand, since nobody who wrote one had seen the others.",
    discussion: """
      One of them shows, on all devices the same. Of conversations and messages, `anabranch inspect why ID WHAT` says why.
      """)

  @OptionGroup var options: PastOptions

  @Flag(name: .long, help: "Say which command would settle each with that value.")
  var resolve = false

  func validate() throws {
    if resolve, !isPresent {
      throw ValidationError("expected --resolve of a replica as it is now: commands act on that")
    }
  }

  /// Whether commands act on what is read.
  private var isPresent: Bool { options.asOf == nil && options.reading.database == nil }

  func run() async throws {
    let replica = try await options.read()
    let conflicts = try await replica.conflicts()
    let names = try await replica.logNames()
    try await replica.close()
    let home = options.reading.global.home
    try options.output.print(conflicts.map { ConflictReport($0, names, isPresent: isPresent, home: home) }) { style in
      guard !conflicts.isEmpty else { return style.dim("No two values stand beside each other.") }
      return conflicts.map { ConflictView(conflict: $0, names: names, home: home).text(style, resolving: resolve) }
        .joined(
          separator: "\n\n")
    }
  }
}

/// A conflict, as `inspect conflicts --json` prints it.
struct ConflictReport: Encodable {
  /// Null for a setting.
  @Nullable var conversation: String?
  @Nullable var title: String?
  var object: String
  /// As `inspect why` takes it.
  var what: String
  var contenders: [ContenderReport]
  /// By the value's place among the contenders the command that settles it with that one; null where there is none.
  var resolve: [String?]

  init(_ conflict: Conflict, _ names: LogNames, isPresent: Bool, home: String?) {
    conversation = conflict.conversation?.id.description
    title = conflict.conversation?.title
    object = conflict.object.description
    what = conflict.facet.argument
    contenders = conflict.contenders.map { ContenderReport($0, names) }
    resolve = conflict.contenders.map { isPresent ? conflict.command(writing: $0.value, home: home) : nil }
  }
}

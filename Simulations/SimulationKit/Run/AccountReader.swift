internal import Anabranch
internal import AnabranchCore
internal import SeededRandom

/// What another tool holds of one person, as its exports tell of it: the newer the version, the more.
final class AccountReader: HistoryReader {
  private var events: [HistoryEvent] = []
  private var position = 0

  /// The export of `account` in that version. Equal arguments give equal exports.
  init(account: UInt64, version: Int) {
    for number in 0...min(version, 12) / 2 {
      add(conversation: number, version: version, RandomStream(seed: account, "account", number))
    }
  }

  private func add(conversation number: Int, version: Int, _ random: consuming RandomStream) {
    let age = version - 2 * number
    var conversation = SourceConversation(source: "chatgpt", id: "c\(number)")
    conversation.title = "\(random.words(1...3)), version \(age / 3)"
    conversation.created = HostClock.epochMs - 1_000_000 + Int64(number)
    conversation.updated = HostClock.epochMs - 500_000 + Int64(version)
    conversation.archived = age % 4 == 3
    events.append(.conversation(conversation))
    for index in 0...min(2 + age, 12) {
      var message = SourceMessage(
        id: "m\(index)", parents: index == 0 ? [] : ["m\(index - (index > 2 && random.chance(1, in: 5) ? 2 : 1))"],
        role: index % 2 == 0 ? .user : .assistant, text: random.words(1...12))
      message.created = HostClock.epochMs - 900_000 + Int64(index)
      message.startsLine = index > 0 && message.parents != ["m\(index - 1)"]
      // Some tools change what they once exported.
      if index == 1 { message.text += " as of version \(age / 2)" }
      events.append(.message(message))
    }
  }

  func next() -> HistoryEvent? {
    guard position < events.count else { return nil }
    position += 1
    return events[position - 1]
  }

  var progress: WorkProgress { WorkProgress(done: Int64(position), total: Int64(events.count)) }
}

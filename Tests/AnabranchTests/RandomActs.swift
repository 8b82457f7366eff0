import Anabranch
import SeededRandom
import Testing

/// What a person may do, drawn at random: each is one action.
struct RandomActs {
  var random: RandomStream

  /// Does something, and says what; nil where there was nothing to do it to.
  mutating func act(on replica: isolated Replica) throws -> String? {
    let chats = try replica.conversations().map(\.id)
    guard let chat = random.pick(chats) else {
      try replica.newConversation("Conversation")
      return "new"
    }
    let word = random.words(1...3)
    let messages = try replica.messages(of: chat)
    switch random.below(22) {
    case 0:
      try replica.newConversation(random.chance(1, in: 2) ? word : nil)
      return "new"
    case 1, 2, 3:
      try replica.say(word, in: chat)
      return "say"
    case 4:
      guard let origin = random.pick(messages)?.id else { return nil }
      try replica.say(word, in: chat, as: .assistant, at: .branch(from: origin))
      return "branch"
    case 5:
      let answer = try replica.beginMessage(in: chat)
      for _ in 0..<random.number(in: 1...4) { try replica.append(random.words(1...3), to: answer) }
      try replica.finishMessage(answer)
      return "stream"
    case 6, 7: try replica.setTitle(word, of: chat)
    case 8: try replica.addTag(word, to: chat)
    case 9:
      guard let tag = try random.pick(replica.summary(of: chat).tags) else { return nil }
      try replica.removeTag(tag, from: chat)
      return "untag"
    case 10: try replica.setField(random.one(of: "a", "b"), to: random.chance(1, in: 3) ? nil : word, of: chat)
    case 11: try replica.setPinned(random.chance(1, in: 2), of: random.pick(messages)?.id ?? chat)
    case 12: try replica.setArchived(random.chance(1, in: 2), of: chat)
    case 13:
      try replica.delete(chat)
      return "delete"
    case 14:
      guard let trashed = try random.pick(replica.conversations(trashed: true))?.id else { return nil }
      try replica.restore(trashed)
      return "restore"
    case 15, 16, 17:
      guard let message = random.pick(messages) else { return nil }
      try rewrite(.body, of: message.id, message.text, on: replica)
      return "edit"
    case 18: try rewrite(.notes, of: chat, replica.conversation(chat).notes, on: replica)
    case 19:
      guard try replica.conversation(chat).draft.isEmpty else {
        try replica.sayDraft(in: chat)
        return "say the draft"
      }
      try rewrite(.draft, of: chat, "", on: replica)
    case 20:
      try replica.atomically {
        [first = random.words(1...2), second = random.words(1...2)] (replica) throws(AnabranchError) in
        try replica.setTitle(first, of: chat)
        let message = try replica.say(second, in: chat)
        try replica.setPinned(true, of: message)
        try replica.addFolder(first, to: chat)
      }
    default:
      let run = try replica.beginImport(UndoSamples.export(random.number(in: 1...3)))
      while try replica.step(run) {}
      return "import"
    }
    return "change"
  }

  private mutating func rewrite(
    _ text: TextKind, of object: ObjectID, _ old: String, on replica: isolated Replica
  ) throws {
    var words = old.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    for _ in 0..<random.number(in: 1...3) {
      let place = random.below(words.count + 1)
      if place < words.count, random.chance(1, in: 2) {
        words.remove(at: place)
      } else {
        words.insert(random.words(1...2), at: place)
      }
    }
    try replica.rewrite(text, of: object, from: old, to: words.joined(separator: " "))
  }
}

extension Replica {
  fileprivate func beginImport(_ events: [HistoryEvent]) throws -> ImportRun {
    try beginImport(from: Events(events))
  }
}

internal import Anabranch

/// Follows what happens on a replica, for one who watches: messages that are new since it began, and what is being
/// written meanwhile.
struct Watch {
  private enum News: Sendable {
    case changed(Set<ObjectID>)
    case written([LiveText])
  }

  /// A text that was told of.
  private struct Place: Hashable {
    var object: ObjectID
    var text: TextKind
  }

  private let replica: Replica
  /// The conversation that is watched; nil for all.
  private let only: ObjectID?
  private let tell: (WatchEvent) async throws -> Void
  /// What was held when it began: anything else is new.
  private var before = VersionVector()
  /// What was told last of each text, as a hash: whoever watches for a year does not keep all of it.
  private var told: [Place: Int] = [:]
  /// The texts of which something was told that is in no history yet, and where they are.
  private var live: [Place: ObjectID] = [:]

  init(_ conversation: String?, on replica: Replica, tell: @escaping (WatchEvent) async throws -> Void) async throws {
    self.replica = replica
    self.tell = tell
    only = if let conversation { try await replica.find(conversation, .conversation) } else { nil }
  }

  /// Tells events until the task is cancelled, the replica is closed or `tell` throws.
  mutating func run() async throws {
    let (news, continuation) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingNewest(Self.newsKept))
    let (changes, words) = (replica.changes, replica.words)
    let feeding = Task {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { for await change in changes { continuation.yield(.changed(change.conversations)) } }
        group.addTask { for await texts in words { continuation.yield(.written(texts)) } }
      }
      continuation.finish()
    }
    defer { feeding.cancel() }
    before = try await replica.status().vector
    try await tell(WatchEvent(event: .watching, conversation: only?.description, live: false))
    for await one in news {
      switch one {
      case .changed(let conversations):
        for conversation in conversations.sorted() where only == nil || only == conversation {
          try await look(at: conversation)
        }
      case .written(let texts):
        try await show(texts.filter { only == nil || only == $0.conversation })
      }
    }
  }

  /// Events that wait for somebody who does not read them; beyond it the oldest are dropped.
  private static let newsKept = 1_024

  private mutating func look(at conversation: ObjectID) async throws {
    guard let record = try? await replica.conversation(conversation) else { return }
    for message in record.messages where !message.isPurged {
      let place = Place(object: message.id, text: .body)
      guard live[place] == nil, told[place] != nil || !before.contains(message.operation.change) else { continue }
      try await tell(place, in: conversation, message, reading: message.text, isLive: false)
    }
  }

  private mutating func show(_ texts: [LiveText]) async throws {
    var gone = live
    for text in texts {
      let place = Place(object: text.object, text: text.text)
      gone[place] = nil
      live[place] = text.conversation
      let message = text.text == .body ? try? await replica.message(text.object).message : nil
      try await tell(place, in: text.conversation, message, reading: text.reading, isLive: true)
    }
    // What shows no longer is in the history now, or was never heard of again.
    for (place, conversation) in gone.sorted(by: {
      ($0.key.object, $0.key.text.rawValue) < ($1.key.object, $1.key.text.rawValue)
    }) {
      live[place] = nil
      guard let reading = try? await replica.liveText(place.text, of: place.object) else { continue }
      let message = place.text == .body ? try? await replica.message(place.object).message : nil
      told[place] = nil
      try await tell(place, in: conversation, message, reading: reading, isLive: false)
    }
  }

  private mutating func tell(
    _ place: Place, in conversation: ObjectID, _ message: MessageRecord?, reading: String, isLive: Bool
  ) async throws {
    let hash = reading.hashValue
    guard told[place] != hash else { return }
    told[place] = hash
    let names = (try? await replica.logNames()) ?? [:]
    let kind: WatchEvent.Kind = place.text == .body ? .message : place.text == .draft ? .draft : .notes
    try await tell(
      WatchEvent(
        event: kind, conversation: conversation.description, message: message.map { $0.id.description },
        role: message?.role.name, device: message.flatMap { names[$0.log] }, live: isLive, text: reading))
  }
}

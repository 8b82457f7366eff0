import Foundation
import Testing

@testable import Anabranch

/// A whole disk was copied, with all that tells a copy from what was copied: two machines write the same log.
@Suite struct CopiedDiskTests {
  /// A laptop, with a conversation that all `others` know, and its disk on another machine, which takes itself for the laptop: their
  /// homes are the last two.
  private static func twins(
    _ homes: [Home], known others: Replica...
  ) async throws -> (laptop: Replica, twin: Replica, chat: ObjectID) {
    let (home, copy) = (homes[homes.count - 2], homes[homes.count - 1])
    let laptop = try await Replica.create(at: home, name: "Laptop")
    let chat = try await laptop.newConversation("Trip")
    try await laptop.say("Where to?", in: chat)
    for other in [laptop] + others.dropFirst() + [laptop] { try await syncAll(others[0], other) }
    try await laptop.close()
    try FileManager.default.copyItem(atPath: home.path, toPath: copy.path)
    let mark = try #require(OriginFile(home: home).origin()).mark
    let beside = OriginFile(home: copy)
    try beside.keep(Origin(place: beside.place(), mark: mark))
    return try await (Replica.open(at: home), Replica.open(at: copy), chat)
  }

  private static func texts(_ replica: Replica, _ chat: ObjectID) async throws -> [String] {
    try await replica.messages(of: chat).map(\.text)
  }

  /// Both hold as many changes, and not the same: before they meet only their hashes tell.
  @Test func aForkIsSeenBeforeTheBranchesMeet() async throws {
    try await withHomes(3) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      let (laptop, twin, _) = try await Self.twins(homes, known: phone)
      let same = try await Replica.difference(from: laptop, to: twin, limit: 10)
      #expect(same.logs.isEmpty && same.count == 0)
      let log = try #require(try await laptop.causalState().logs.first { $0.isOwn })
      for (turn, more) in [(1, 1), (2, 3)] {
        for number in 0..<turn { try await laptop.setSetting("greeting", to: "hello \(number)") }
        for number in 0..<more { try await twin.setSetting("greeting", to: "bye \(number)") }
        for (one, other) in [(laptop, twin), (twin, laptop)] {
          let told = try await Replica.difference(from: one, to: other, limit: 10)
          #expect(told.logs.map(\.log) == [log.log] && told.logs.map(\.forkedAt) == [log.count + 1], "\(told)")
          #expect((told.logs[0].before == told.logs[0].after) == (turn == 1))
        }
      }
      // Who holds less of the same log holds no other one.
      let behind = try await Replica.difference(from: phone, to: laptop, limit: 10)
      #expect(behind.logs.count == 1 && behind.logs[0].forkedAt == nil)
      for replica in [phone, laptop, twin] { try await replica.close() }
    }
  }

  @Test func bothBranchesAreKeptAndEverybodyGoesOn() async throws {
    try await withHomes(4) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      let desktop = try await Replica.create(at: homes[1], name: "Desktop")
      let (laptop, twin, chat) = try await Self.twins(homes, known: phone, desktop)
      let first = try #require(try await laptop.messages(of: chat).first).id
      let areCopies = await [laptop.isCopy, twin.isCopy]
      #expect(areCopies == [false, false])

      // Each meets somebody else, who answers before the two branches meet.
      try await laptop.say("To the sea", in: chat)
      try await laptop.addTag("sea", to: chat)
      try await laptop.setTitle("Sea", of: chat)
      try await twin.say("To the mountains", in: chat)
      let other = try await twin.newConversation("Huts")
      try await twin.say("Which one?", in: other)
      let text = try await twin.text(.body, of: first)
      var edits = TextEdits()
      edits.insert("So: ", at: 0)
      try await twin.edit(edits, of: .body, in: first, seen: text.version)
      try await syncAll(phone, laptop)
      try await syncAll(desktop, twin)
      try await phone.say("Which sea?", in: chat, as: .assistant)
      try await desktop.say("The highest one", in: other, as: .assistant)
      for _ in 0..<2 { try await syncAll(phone, desktop, laptop) }
      try await syncAll(phone, twin)
      try await syncAll(phone, desktop, laptop)

      // What a branch made has another name by now.
      await #expect(throws: AnabranchError.self) { try await twin.messages(of: other) }
      let huts = try #require(try await twin.conversations().first { $0.title == "Huts" }).id
      let hash = try await phone.status().stateHash
      for replica in [phone, desktop, laptop, twin] {
        #expect(try await replica.status().stateHash == hash)
        let texts = try await Self.texts(replica, chat)
        #expect(
          Set(texts) == ["So: Where to?", "To the sea", "Which sea?", "To the mountains"], "\(texts)")
        #expect(try await Self.texts(replica, huts) == ["Which one?", "The highest one"])
        #expect(try await replica.conversation(chat).summary.title == "Sea")
        let forks = try await replica.status().forks
        #expect(forks.count == 1 && forks.first?.branches.count == 2)
        #expect(try await replica.search("mountains").count == 1)
        #expect(try await replica.verify().faults == [])
      }
      let logs = try await [laptop.status().log, twin.status().log]
      #expect(logs[0] != logs[1])

      // What either writes from now on reaches everybody; so does what takes rights from both.
      try await laptop.say("on the laptop", in: chat)
      try await twin.say("on its twin", in: huts)
      for _ in 0..<2 { try await syncAll(phone, laptop, twin) }
      #expect(try await Self.texts(phone, chat).contains("on the laptop"))
      #expect(try await Self.texts(phone, huts).contains("on its twin"))
      try await phone.restrict(laptop.device(), to: .outsider)
      try await syncAll(phone, desktop)
      #expect(try await Self.texts(desktop, huts).contains("on its twin"))
      #expect(try await desktop.status().stateHash == phone.status().stateHash)
      for replica in [phone, desktop, laptop, twin] { try await replica.close() }
    }
  }

  /// The last thing done here is none that the copy did, whatever has come of it.
  @Test func whatACopyDidIsNotUndoneHere() async throws {
    try await withHomes(3) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      let (laptop, twin, chat) = try await Self.twins(homes, known: phone)
      try await laptop.say("To the sea", in: chat)
      try await twin.say("To the mountains", in: chat)
      for replica in [laptop, twin, laptop] { try await syncAll(phone, replica) }
      try await twin.say("In winter", in: chat)
      for replica in [twin, laptop] { try await syncAll(phone, replica) }
      for (replica, words) in [(twin, ["In winter", "To the mountains"]), (laptop, ["To the sea"])] {
        for word in words {
          try await syncAll(phone, replica)
          let last = try await replica.lastAction()
          #expect(last?.steps.first?.content?.description.contains(word) == true, "\(String(describing: last))")
          try await replica.undoLast()
          try await syncAll(phone, replica)
          #expect(!(try await Self.texts(replica, chat).contains(word)))
        }
      }
      // What both had done before is either's.
      #expect(try await Self.texts(phone, chat) == ["Where to?"])
      try await syncAll(phone, twin)
      #expect(try await twin.lastAction()?.steps.first?.content?.description.contains("Where to?") == true)
      for replica in [phone, laptop, twin] { try await replica.close() }
    }
  }

  /// Who takes rights from a device knows one branch: that counts, as far as it is known, and the other one only up to the fork.
  @Test func aRemovalKeepsTheBranchThatItNames() async throws {
    try await withHomes(4) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      let desktop = try await Replica.create(at: homes[1], name: "Desktop")
      let (laptop, twin, chat) = try await Self.twins(homes, known: phone, desktop)
      try await laptop.say("To the sea", in: chat)
      try await twin.say("To the mountains", in: chat)
      try await syncAll(phone, laptop)
      try await syncAll(desktop, twin)

      try await phone.restrict(laptop.device(), to: .outsider)
      #expect(try await Self.texts(phone, chat) == ["Where to?", "To the sea"])
      #expect(try await Self.texts(desktop, chat) == ["Where to?", "To the mountains"])
      for _ in 0..<2 { try await syncAll(phone, desktop) }
      for replica in [phone, desktop] {
        #expect(try await Self.texts(replica, chat) == ["Where to?", "To the sea"])
        #expect(try await replica.status().uncounted == 1)
        #expect(try await replica.status().forks.count == 1)
        #expect(try await replica.verify().faults == [])
      }
      #expect(try await phone.status().stateHash == desktop.status().stateHash)
      for replica in [phone, desktop, laptop, twin] { try await replica.close() }
    }
  }

  /// What was purged of a branch is gone, whatever it is called by then.
  @Test func whatABranchSaidCanBePurged() async throws {
    try await withHomes(3) { homes in
      let phone = try await Replica.create(at: homes[0], name: "Phone")
      let (laptop, twin, chat) = try await Self.twins(homes, known: phone)
      try await laptop.say("To the sea", in: chat)
      try await twin.say("The password is swordfish", in: chat)
      for replica in [laptop, twin, laptop] { try await syncAll(phone, replica) }
      let secret = try #require(try await phone.messages(of: chat).first { $0.text.contains("swordfish") }).id
      try await phone.purge(secret, immediately: true)
      for _ in 0..<2 { for replica in [laptop, twin] { try await syncAll(phone, replica) } }
      for (replica, home) in zip([phone, laptop, twin], homes) {
        while try await replica.eraseStep() == .more {}
        let texts = try await Self.texts(replica, chat).filter { !$0.isEmpty }
        #expect(texts == ["Where to?", "To the sea"])
        try await replica.checkpoint()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: home.database))
        #expect(bytes.range(of: Data("swordfish".utf8)) == nil)
        #expect(try await replica.verify().faults == [])
      }
      for replica in [phone, laptop, twin] { try await replica.close() }
    }
  }
}

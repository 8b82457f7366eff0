import Anabranch
import AnabranchTestSupport
import Foundation
import SeededRandom
import Testing

@Suite("How histories differ") struct DifferenceTests {
  @Test(
    "What is not told of shows the same, what is told of shows otherwise, and after a sync nothing differs",
    arguments: UInt64(0)..<6)
  func isAllAndNothingElse(seed: UInt64) async throws {
    try await withDevices { laptop, phone, _ in
      var acting = RandomActs(random: RandomStream(seed: seed))
      for _ in 0..<3 {
        for _ in 0..<12 {
          for device in [laptop, phone] { _ = try await acting.act(on: device) }
        }
        // What is open counts as done.
        for device in [laptop, phone] { _ = try await device.lastAction() }
        let difference = try await Replica.difference(from: laptop, to: phone, limit: 100)
        #expect(difference.count == difference.conversations.count)
        let told = Set(difference.conversations.map(\.id))
        let (old, new) = (try await laptop.all(), try await phone.all())
        for id in Set(old.keys).union(new.keys) {
          let isSame = old[id].map { $0.shows(as: new[id]) } ?? false
          #expect(isSame || told.contains(id), "\(id) differs, and nothing is said of it")
        }
        for one in difference.conversations {
          #expect((one.before != nil, one.after != nil) == (old[one.id] != nil, new[one.id] != nil))
          guard let before = old[one.id], let after = new[one.id] else { continue }
          #expect((one.values.isEmpty && one.messages.isEmpty) == before.shows(as: after))
          #expect(one.messages.allSatisfy { $0.before?.id ?? $0.after?.id == $0.after?.id ?? $0.before?.id })
        }
        let back = try await Replica.difference(from: phone, to: laptop, limit: 1)
        #expect(back.count == difference.count && back.conversations.count == min(1, back.count))
        #expect(Set(back.logs.map { [$0.after, $0.before] }) == Set(difference.logs.map { [$0.before, $0.after] }))
        try await syncAll(laptop, phone)
        let none = try await Replica.difference(from: laptop, to: phone, limit: 100)
        #expect(none.count == 0 && none.conversations.isEmpty && none.logs.isEmpty)
      }
    }
  }

  @Test(
    "Two points in the past differ as two replicas do that show them, also where rights were lost",
    arguments: UInt64(0)..<3)
  func pastsDiffer(seed: UInt64) async throws {
    try await withDevices { laptop, phone, desktop in
      var acting = RandomActs(random: RandomStream(seed: seed))
      var points: [PastPoint] = []
      for round in 0..<4 {
        for _ in 0..<6 {
          for device in [laptop, phone] { _ = try await acting.act(on: device) }
        }
        try await syncAll(laptop, phone)
        // What the desktop has not heard of, and the laptop has, counts no more.
        if round == 2 {
          try await desktop.restrict(phone.device(), to: .reader)
          try await syncAll(laptop, desktop)
        }
        _ = try await laptop.lastAction()
        points.append(
          .changes(try await laptop.status().vector.entries.map { ChangeID(log: $0.log, sequence: $0.sequence) }))
      }
      for before in points {
        for after in points {
          var shown: [Replica] = []
          for point in [before, after] {
            let reader = try await Replica.read(at: laptop.home)
            try await reader.rewind(to: point)
            shown.append(reader)
          }
          let reader = try await Replica.read(at: laptop.home)
          let difference = try await reader.difference(from: before, to: after, limit: 5)
          #expect(try await difference == Replica.difference(from: shown[0], to: shown[1], limit: 5))
          for reader in shown + [reader] { try await reader.close() }
        }
      }
    }
  }

  @Test("Of points of which neither has all of the other nothing is told in one go")
  func pastsThatAreConcurrent() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      try await syncAll(laptop, phone)
      try await laptop.say("one", in: chat)
      let here = try await laptop.changes(of: laptop.last())
      try await phone.say("two", in: chat)
      let there = try await phone.changes(of: phone.last())
      try await syncAll(laptop, phone)
      let reader = try await Replica.read(at: laptop.home)
      #expect(try await reader.difference(from: .changes(here), to: .changes(there), limit: 5) == nil)
      try await reader.close()
    }
  }

  @Test("It says what of a conversation changed, and which messages")
  func saysWhat() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let question = try await laptop.say("Where?", in: chat)
      let typo = try await laptop.say("Lisbom", in: chat)
      try await syncAll(laptop, phone)
      try await phone.setTitle("Lisbon", of: chat)
      try await phone.addTag("travel", to: chat)
      try await phone.setField("state", to: "done", of: chat)
      try await phone.rewrite(.body, of: typo, from: "Lisbom", to: "Lisbon")
      try await phone.setPinned(true, of: question)
      let more = try await phone.say("In May", in: chat)
      let other = try await laptop.newConversation("Another")

      let difference = try await Replica.difference(from: laptop, to: phone, limit: 100)
      #expect(difference.conversations.map(\.id) == [chat, other] && difference.conversations[1].after == nil)
      let one = try #require(difference.conversations.first)
      #expect(one.values.map(\.name) == ["title", "tags", "field:state"])
      #expect(
        one.values.map(\.before) == [["Trip"], [], []] && one.values.map(\.after) == [["Lisbon"], ["travel"], ["done"]])
      #expect(one.messages.map { $0.after?.id } == [question, typo, more])
      #expect(one.messages.map { $0.before?.text } == ["Where?", "Lisbom", nil])
      #expect(difference.logs.map(\.device).contains("Phone"))
    }
  }

  @Test("What is done to a message alone is told: a pin, a file, and their end")
  func tellsOfMessages() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("Where?", in: chat)
      try await syncAll(laptop, phone)
      func isTold() async throws {
        let difference = try await Replica.difference(from: laptop, to: phone, limit: 100)
        #expect(difference.conversations.map(\.id) == [chat])
        #expect(difference.conversations.first?.messages.map { $0.after?.id } == [message])
        try await syncAll(laptop, phone)
        #expect(try await Replica.difference(from: laptop, to: phone, limit: 100).count == 0)
      }
      try await phone.setPinned(true, of: message)
      try await isTold()
      try await phone.setPinned(false, of: message)
      try await isTold()
      let file = try await phone.attach([AttachmentBytes([1, 2, 3], name: "map")], to: message)
      try await isTold()
      try await phone.detach(try #require(file.first))
      try await isTold()
    }
  }
}

extension Replica {
  /// Every conversation, those in the trash as well.
  fileprivate func all() throws -> [ObjectID: ConversationRecord] {
    let ids = try conversations().map(\.id) + conversations(trashed: true).map(\.id)
    return Dictionary(uniqueKeysWithValues: try ids.map { ($0, try conversation($0)) })
  }
}

extension ConversationRecord {
  /// Whether a person sees no difference, by all that is shown of a conversation.
  fileprivate func shows(as other: ConversationRecord?) -> Bool {
    guard let other else { return false }
    let (one, two) = (summary, other.summary)
    return one.title == two.title && one.tags == two.tags && one.folders == two.folders && one.fields == two.fields
      && one.archived == two.archived && one.pinned == two.pinned && one.model == two.model
      && one.trashed == two.trashed
      && draft == other.draft && notes == other.notes
      && messages.map(\.id).sorted() == other.messages.map(\.id).sorted()
      && messages.map(\.text).sorted() == other.messages.map(\.text).sorted()
      && Set(messages.filter(\.isPinned).map(\.id)) == Set(other.messages.filter(\.isPinned).map(\.id))
      && Set(messages.map(\.parents)) == Set(other.messages.map(\.parents))
  }
}

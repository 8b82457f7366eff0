import Anabranch
import AnabranchExchange
import Foundation
import Testing

/// What people do with several devices, over real TCP on loopback.
@Suite struct MergingTests {
  @Test func offlineTurnsStandOneAfterTheOtherAndTheNextOneJoinsThem() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Lisbon")
      let first = try await laptop.say("Hello", in: chat)
      try await syncAll(laptop, phone, desktop)

      let mine = try await laptop.say("From the laptop", in: chat)
      let answer = try await laptop.say("An answer", in: chat, as: .assistant)
      let theirs = try await phone.say("From the phone", in: chat)
      try await syncAll(laptop, phone, desktop)

      let merged = try await desktop.conversation(chat)
      #expect(merged.messages.map(\.id) == [first, mine, answer, theirs])
      #expect(Set(merged.tips) == [answer, theirs])
      #expect(merged.diverged == [[answer, theirs]])
      #expect(merged.summary.diverged == 1)

      let joined = try await desktop.say("From the desktop, having seen both", in: chat)
      let whole = try await desktop.conversation(chat)
      #expect(Set(whole.messages.last?.parents ?? []) == [answer, theirs])
      #expect(whole.messages.last?.id == joined)
      #expect(whole.diverged.isEmpty)
      #expect(whole.tips == [joined])

      let reply = try await desktop.say("An answer to all", in: chat, as: .assistant)
      #expect(try await desktop.message(reply).message.parents == [joined])
      try await syncAll(laptop, phone, desktop)
    }
  }

  @Test func aDeliberateBranchIsNeverJoined() async throws {
    try await withDevices { laptop, _, _ in
      let chat = try await laptop.newConversation("Branches")
      let question = try await laptop.say("One", in: chat)
      let answer = try await laptop.say("Two", in: chat, as: .assistant)
      let other = try await laptop.say("Another two", in: chat, as: .assistant, at: .branch(from: question))
      #expect(try await laptop.conversation(chat).diverged.isEmpty)
      let next = try await laptop.say("Three", in: chat)
      #expect(try await laptop.message(next).message.parents == [other], "the line written last goes on")
      let back = try await laptop.say("Three, on the first line", in: chat, at: .after(answer))
      #expect(try await laptop.message(back).message.startsLine == false)
      let edit = try await laptop.say("One, edited", in: chat, at: .after(question))
      #expect(try await laptop.message(edit).message.startsLine, "somebody answered it already")
    }
  }

  @Test func concurrentTitlesStandUntilSomebodyDecides() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("First")
      try await syncAll(laptop, phone, desktop)
      try await laptop.setTitle("Laptop's", of: chat)
      try await phone.setTitle("Phone's", of: chat)
      try await syncAll(laptop, phone, desktop)
      let titles = try await desktop.conversation(chat).titles
      #expect(Set(titles.compactMap(\.text)) == ["Laptop's", "Phone's"])
      #expect(try await desktop.status().conflicts == 1)
      try await desktop.setTitle("Decided", of: chat)
      try await syncAll(laptop, phone, desktop)
      for device in [laptop, phone, desktop] {
        #expect(try await device.conversation(chat).titles.compactMap(\.text) == ["Decided"])
        #expect(try await device.status().conflicts == 0)
      }
    }
  }

  @Test func whatOthersDidMeanwhileBringsADeletedConversationBack() async throws {
    try await withDevices { laptop, phone, desktop in
      let (kept, gone) = (try await laptop.newConversation("Kept"), try await laptop.newConversation("Gone"))
      try await syncAll(laptop, phone, desktop)
      try await desktop.delete(kept)
      try await desktop.delete(gone)
      try await phone.addTag("travel", to: kept)
      #expect(try await desktop.conversations().isEmpty)
      try await syncAll(laptop, phone, desktop)
      for device in [laptop, phone, desktop] {
        #expect(try await device.conversations().map(\.id) == [kept])
        #expect(try await device.conversations(trashed: true).map(\.id) == [gone])
      }
      try await phone.restore(gone)
      try await laptop.delete(gone)
      try await syncAll(laptop, phone, desktop)
      #expect(try await laptop.conversations().count == 2, "restoring beats a concurrent deletion")
    }
  }

  @Test func addingATagBeatsRemovingItElsewhere() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Tags")
      try await laptop.addTag("a", to: chat)
      try await syncAll(laptop, phone, desktop)
      try await laptop.removeTag("a", from: chat)
      try await phone.removeTag("a", from: chat)
      try await phone.addTag("a", to: chat)
      try await syncAll(laptop, phone, desktop)
      #expect(try await desktop.conversation(chat).summary.tags == ["a"])
    }
  }

  @Test func theSameExportOnTwoOfflineDevicesIsOneHistory() async throws {
    try await withDevices { laptop, phone, desktop in
      let file = FileManager.default.temporaryDirectory.path + "/anabranch-export-\(UUID().uuidString).json"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try Data(Self.export.utf8).write(to: URL(fileURLWithPath: file))
      let first = try await laptop.importHistory(from: HistoryFile.open(file))
      let second = try await phone.importHistory(from: HistoryFile.open(file))
      #expect(first.new == 4 && second.new == 4)
      try await syncAll(laptop, phone, desktop)
      let conversation = try #require(try await desktop.conversations().first)
      #expect(try await desktop.conversations().count == 1)
      #expect(conversation.title == "Bread" && conversation.messages == 3 && conversation.tips == 2)
      #expect(try await desktop.importHistory(from: HistoryFile.open(file)).new == 0)

      // Importing never revives what was deleted, nor undoes a title that a person gave.
      try await desktop.setTitle("Sourdough", of: conversation.id)
      try await desktop.delete(conversation.id)
      let later = Self.export.replacing("\"update_time\": 1700000100", with: "\"update_time\": 1700000200")
        .replacing("\"title\": \"Bread\"", with: "\"title\": \"Loaf\"")
      try Data(later.utf8).write(to: URL(fileURLWithPath: file))
      #expect(try await desktop.importHistory(from: HistoryFile.open(file)).new == 1)
      #expect(try await desktop.conversations().isEmpty)
      #expect(try await desktop.conversation(conversation.id).summary.title == "Sourdough")
      try await syncAll(laptop, phone, desktop)
    }
  }

  static let export = """
    [{"id": "c1", "title": "Bread", "create_time": 1700000000, "update_time": 1700000100, "current_node": "m3",
      "mapping": {
        "m1": {"id": "m1", "parent": null, "children": ["m2", "m3"], "message": {"id": "m1",
          "author": {"role": "user"}, "create_time": 1700000000,
          "content": {"content_type": "text", "parts": ["How long does dough rise?"]}}},
        "m2": {"id": "m2", "parent": "m1", "children": [], "message": {"id": "m2",
          "author": {"role": "assistant"}, "create_time": 1700000050,
          "content": {"content_type": "text", "parts": ["An hour."]}}},
        "m3": {"id": "m3", "parent": "m1", "children": [], "message": {"id": "m3",
          "author": {"role": "assistant"}, "create_time": 1700000060,
          "content": {"content_type": "text", "parts": ["A night, in the cold."]}}}}}]
    """
}

/// Runs `body` with three devices of one person.
func withDevices(_ body: (Replica, Replica, Replica) async throws -> Void) async throws {
  try await withHomes(3) { homes in
    var devices: [Replica] = []
    for (home, name) in zip(homes, ["Laptop", "Phone", "Desktop"]) {
      devices.append(try await Replica.create(at: home, name: name))
    }
    try await pair(devices[0], devices[1], devices[2])
    // So that the others know each other, too.
    try await syncAll(devices[0], devices[1], devices[2])
    try await body(devices[0], devices[1], devices[2])
    for device in devices {
      #expect(try await device.verify().faults == [])
      try await device.close()
    }
  }
}

/// Makes the others belong to the space of the first one, unless they do.
func pair(_ first: Replica, _ others: Replica...) async throws {
  if try await first.space() == nil { _ = try await first.found() }
  let space = try #require(try await first.space())
  let own = try await first.device()
  for other in others {
    let device = try await other.device()
    let isThere = try await first.devices().contains { $0.device == device }
    if isThere, try await other.space() == space { continue }
    try await first.enrol(device, as: .owner)
    try await other.join(space, invitedBy: own, as: .owner)
  }
}

/// Syncs the others with the first until all hold the same, and checks that they say so.
func syncAll(_ first: Replica, _ others: Replica...) async throws {
  for other in others { try await pair(first, other) }
  let server = try await first.serve(on: "127.0.0.1:0")
  for _ in 0..<2 {
    for other in others { try await other.sync(with: server.address) }
  }
  await server.stop()
  let expected = try await first.status()
  for other in others {
    let status = try await other.status()
    #expect(status.stateHash == expected.stateHash)
    #expect(status.logHash == expected.logHash)
    #expect(status.vector == expected.vector)
  }
}

import Anabranch
import Foundation
import Testing

/// Files that are attached to messages, on several devices.
@Suite(.timeLimit(.minutes(5))) struct AttachmentTests {
  /// Bytes that look like nothing else.
  private static func file(_ count: Int, _ seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }

  private static func bytes(_ attachment: ObjectID, on replica: Replica) async throws -> [UInt8] {
    var all: [UInt8] = []
    try await replica.collect(attachment, into: &all)
    return all
  }

  /// What a device may not attach is nowhere in its files: it may be what was purged.
  @Test func aReaderTakesInNoBytes() async throws {
    try await withHomes(2) { homes in
      let owner = try await Replica.create(at: homes[0], name: "Owner")
      let reader = try await Replica.create(at: homes[1], name: "Reader")
      try await pair(owner, reader)
      let chat = try await owner.newConversation("Trip")
      let message = try await owner.say("a photo", in: chat)
      try await owner.restrict(reader.device(), to: .reader)
      try await syncAll(owner, reader)
      let file = Self.file(300_000, 77)
      await expectFailure(.denied, "attaching") {
        _ = try await reader.attach([AttachmentBytes(file, name: "photo.jpg")], to: message)
      }
      for name in [homes[1].database, homes[1].database + "-wal"] {
        let bytes = FileManager.default.contents(atPath: name) ?? Data()
        #expect(bytes.range(of: Data(file[1_000..<1_064])) == nil, "\(name)")
      }
      try await reader.close()
      try await owner.close()
    }
  }

  @Test func aFileTravelsWithItsMessage() async throws {
    try await withDevices { laptop, phone, _ in
      let photo = Self.file(700_000, 1)
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say(
        "look", in: chat,
        attaching: [AttachmentBytes(photo, name: "photo.jpg"), AttachmentBytes([], name: "empty")])
      try await syncAll(laptop, phone)
      let attached = try await phone.message(message).message.attachments
      #expect(attached.map(\.content.name) == ["photo.jpg", "empty"])
      #expect(attached.map(\.presence) == [.whole, .whole] && attached[0].content.mediaType == "image/jpeg")
      #expect(try await Self.bytes(attached[0].id, on: phone) == photo)
      #expect(try await Self.bytes(attached[1].id, on: phone) == [])

      // Attached again it is the same; under another name it is another one, with the same bytes.
      let again = try await phone.attach([AttachmentBytes(photo, name: "photo.jpg")], to: message)
      #expect(again == [attached[0].id])
      try await phone.attach([AttachmentBytes(photo, name: "copy.jpg")], to: message)
      #expect(try await phone.attachmentTotals().whole == 2)
      try await syncAll(laptop, phone)
      #expect(try await laptop.attachments(of: message).map(\.content.name) == ["photo.jpg", "empty", "copy.jpg"])

      try await laptop.detach(attached[0].id)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        #expect(try await device.attachments(of: message).map(\.content.name) == ["empty", "copy.jpg"])
        await #expect(throws: AnabranchError.self) { try await device.attachment(attached[0].id) }
      }
    }
  }

  @Test func whatTwoDevicesAttachApartIsBothThere() async throws {
    try await withDevices { laptop, phone, desktop in
      let chat = try await laptop.newConversation("Notes")
      let message = try await laptop.say("plan", in: chat)
      try await syncAll(laptop, phone, desktop)
      try await laptop.attach(
        [AttachmentBytes([1, 2, 3], name: "same"), AttachmentBytes([4], name: "l")], to: message)
      try await phone.attach([AttachmentBytes([1, 2, 3], name: "same"), AttachmentBytes([5], name: "p")], to: message)
      try await syncAll(desktop, laptop, phone)
      for device in [laptop, phone, desktop] {
        let names = try await device.attachments(of: message).map(\.content.name)
        #expect(names.sorted() == ["l", "p", "same"])
      }
      // Taken away where both additions are seen, it is gone.
      let same = try #require(try await desktop.attachments(of: message).first { $0.content.name == "same" })
      try await desktop.detach(same.id)
      #expect(try await desktop.attachments(of: message).map(\.content.name).sorted() == ["l", "p"])
    }
  }

  @Test func aDeviceFetchesWhatItsRuleSays() async throws {
    try await withDevices { laptop, phone, _ in
      await #expect(throws: AnabranchError.self) { try await phone.setLocalSetting(Replica.fetchSetting, to: "some") }
      try await phone.setLocalSetting(Replica.fetchSetting, to: "1 kB")
      let (small, large) = (Self.file(900, 2), Self.file(300_000, 3))
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say(
        "both", in: chat, attaching: [AttachmentBytes(small, name: "small"), AttachmentBytes(large, name: "large")])
      let server = try await laptop.serve(on: "127.0.0.1:0")
      try await phone.sync(with: server.address)
      let attached = try await phone.attachments(of: message)
      #expect(attached.map(\.presence) == [.whole, .partial(blocks: 0)])
      #expect(try await phone.attachmentTotals().lacking == 1)
      #expect(try await phone.holders(of: attached[1]) == ["Laptop"])
      await #expect { try await Self.bytes(attached[1].id, on: phone) } throws: {
        ($0 as? AnabranchError)?.message.contains("it is on Laptop") == true
      }
      let fetched = try await phone.fetch(attached[1].id, from: server.address)
      #expect(fetched.presence == .whole)
      #expect(try await Self.bytes(attached[1].id, on: phone) == large)

      // Fetched on a live session, once it is wanted.
      let more = try await laptop.say(
        "more", in: chat, attaching: [AttachmentBytes(Self.file(400_000, 4), name: "later")])
      let live = try await phone.serve(on: "127.0.0.1:0", peers: [server.address])
      var found = try? await phone.attachments(of: more)
      while found == nil {
        try await Task.sleep(for: .milliseconds(5))
        found = try? await phone.attachments(of: more)
      }
      let later = try #require(found?.first)
      #expect(later.presence == .partial(blocks: 0))
      #expect(try await phone.fetch(later.id).presence == .whole)
      await live.stop()
      await server.stop()
    }
  }

  @Test func aFileReachesAThirdDeviceThroughTheSecond() async throws {
    try await withDevices { laptop, phone, desktop in
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let fromPhone = try await phone.serve(on: "127.0.0.1:0", peers: [server.address])
      let fromDesktop = try await desktop.serve(on: "127.0.0.1:0", peers: [server.address])
      let file = Self.file(1_200_000, 5)
      let chat = try await phone.newConversation("Live")
      let message = try await phone.say("here", in: chat, attaching: [AttachmentBytes(file, name: "big")])
      var attached: AttachmentRecord?
      while attached?.presence != .whole {
        try await Task.sleep(for: .milliseconds(5))
        attached = try? await desktop.attachments(of: message).first
      }
      #expect(try await Self.bytes(#require(attached).id, on: desktop) == file)
      for server in [fromPhone, fromDesktop, server] { await server.stop() }
    }
  }

  @Test func aPurgedFileIsGoneFromEveryDevice() async throws {
    try await withDevices { laptop, phone, _ in
      let file = Self.file(600_000, 6)
      let chat = try await laptop.newConversation("Papers")
      let message = try await laptop.say("scan", in: chat, attaching: [AttachmentBytes(file, name: "passport.pdf")])
      try await syncAll(laptop, phone)
      let attachment = try #require(try await phone.attachments(of: message).first)
      let preview = try await phone.purgePreview(of: attachment.id)
      #expect(preview.files == 1 && preview.messages == 0)
      try await phone.purge(attachment.id, immediately: true)
      #expect(try await phone.attachments(of: message).isEmpty)
      await #expect { try await phone.attachment(attachment.id) } throws: { ($0 as? AnabranchError)?.code == .purged }
      try await syncAll(phone, laptop)
      for device in [laptop, phone] {
        while try await device.eraseStep() == .more {}
        #expect(try await device.purges().map(\.record.kind) == [.attachment])
        #expect(try await device.attachmentTotals().whole == 0)
        for place in [0, 100_000, 300_000, 599_000] {
          #expect(try Self.homeHolds(Array(file[place..<place + 40]), device) == [])
        }
        #expect(try Self.homeHolds(Array("passport.pdf".utf8), device) == [])
      }
      try await syncAll(phone, laptop)
      #expect(try await laptop.purges()[0].outstanding.compactMap(\.name) == ["Desktop"])
      #expect(try await laptop.message(message).message.text == "scan")
    }
  }

  /// Within the day that a purge waits, the same file attached again is another attachment, and stays.
  @Test func whatIsAttachedAgainAfterAPurgeStays() async throws {
    try await withDevices { laptop, _, _ in
      let file = Self.file(300_000, 8)
      let chat = try await laptop.newConversation("Papers")
      let message = try await laptop.say("scan", in: chat, attaching: [AttachmentBytes(file, name: "passport.pdf")])
      let first = try #require(try await laptop.attachments(of: message).first).id
      try await laptop.purge(first)
      let second = try await laptop.attach([AttachmentBytes(file, name: "passport.pdf")], to: message)
      #expect(second != [first])
      #expect(try await laptop.attachments(of: message).map(\.id) == second)
      #expect(try await Self.bytes(second[0], on: laptop) == file)
    }
  }

  /// What a disk has altered is not believed again: neither where it is read, nor where the same file is attached.
  @Test func aDamagedFileIsTakenInAgain() async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "laptop")
      let phone = try await Replica.create(at: homes[1], name: "phone")
      let file = Self.file(600_000, 9)
      let chat = try await laptop.newConversation("Papers")
      let message = try await laptop.say("scan", in: chat, attaching: [AttachmentBytes(file, name: "a.pdf")])
      try await syncAll(laptop, phone)
      let attachment = try #require(try await phone.attachments(of: message).first).id
      try await Self.damage(homes[0], laptop, file)
      try await Self.damage(homes[1], phone, file)
      let again = (try await Replica.open(at: homes[0]), try await Replica.open(at: homes[1]))
      try await Self.checkRepair(again.0, again.1, attachment, of: message, file)
    }
  }

  private static func checkRepair(
    _ laptop: Replica, _ phone: Replica, _ attachment: ObjectID, of message: ObjectID, _ file: [UInt8]
  ) async throws {
    #expect(try await phone.verify().faults.count == 1)
    await #expect { try await phone.read(attachment) { _ in } } throws: { ($0 as? AnabranchError)?.code == .damaged }
    #expect(try await phone.recheck(attachment) == false)
    #expect(try await phone.attachment(attachment).presence == .partial(blocks: 2))
    // Attached once more here, it is whole; there it is fetched.
    _ = try await laptop.attach([AttachmentBytes(file, name: "a.pdf")], to: message)
    #expect(try await Self.bytes(attachment, on: laptop) == file)
    #expect(try await laptop.recheck(attachment))
    try await syncAll(laptop, phone)
    #expect(try await Self.bytes(attachment, on: phone) == file)
    for device in [laptop, phone] {
      #expect(try await device.verify().faults == [])
      try await device.close()
    }
  }

  /// Closes a replica, and has a bad disk alter some bytes in the middle of a file.
  private static func damage(_ home: Home, _ replica: Replica, _ file: [UInt8]) async throws {
    try await replica.close()
    let database = URL(filePath: home.path + "/history.sqlite")
    var bytes = try Data(contentsOf: database)
    let place = try #require(bytes.range(of: Data(file[300_000..<300_040])))
    bytes.replaceSubrange(place, with: Data(repeating: 0, count: 40))
    try bytes.write(to: database)
  }

  private static func homeHolds(_ bytes: [UInt8], _ replica: Replica) throws -> [String] {
    let folder = URL(filePath: replica.home.path)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
      try Data(contentsOf: folder.appending(path: name)).range(of: Data(bytes)) != nil
    }
  }
}

extension Replica {
  /// All bytes of an attached file.
  fileprivate func collect(_ attachment: ObjectID, into all: inout [UInt8]) throws(AnabranchError) {
    var bytes: [UInt8] = []
    try readAtOnce(attachment) { piece throws(AnabranchError) in bytes += piece }
    all += bytes
  }
}

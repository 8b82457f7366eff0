import Anabranch
import AnabranchExchange
import Foundation
import Testing

/// Files that imports bring along.
@Suite struct ImportedFilesTests {
  /// A history that tells of files, and has some of them. Unchecked, because an import is over before it is looked at.
  private final class Source: HistoryReader, @unchecked Sendable {
    private var events: [HistoryEvent]
    private let files: [String: [UInt8]]
    private(set) var opened: [String] = []

    init(told: [String], files: [String: [UInt8]], updated: Int64 = 1_700_000_000_000, messages: Int = 1) {
      var conversation = SourceConversation(source: "chatgpt", id: "c")
      conversation.updated = updated
      events = [.conversation(conversation)]
      for number in 0..<messages {
        var message = SourceMessage(id: "m\(number)", parents: [], role: .user, text: "look")
        message.created = Int64(number)
        message.attachments = told.map { SourceAttachment(id: $0, name: "\($0).png", byteCount: 3) }
        events.append(.message(message))
      }
      self.files = files
    }

    var progress: WorkProgress { WorkProgress(done: 0, total: 1) }

    func next() -> HistoryEvent? { events.isEmpty ? nil : events.removeFirst() }

    func open(_ file: SourceAttachment) throws -> (any AttachmentSource)? {
      opened.append(file.id)
      guard let bytes = files[file.id] else { return nil }
      guard !bytes.isEmpty else { throw AnabranchError(.format, "the zip is damaged") }
      return AttachmentBytes(bytes, name: file.name ?? file.id)
    }
  }

  private static func message(_ replica: Replica) async throws -> MessageRecord {
    try #require(try await replica.messages(of: replica.conversations()[0].id).first)
  }

  @Test func eachFileIsAttachedOnce() async throws {
    try await withDevices { laptop, phone, _ in
      let large = [UInt8](repeating: 7, count: 3_000_000)
      let first = Source(told: ["a", "b", "gone"], files: ["a": [1, 2, 3], "b": large])
      let summary = try await laptop.importHistory(from: first)
      #expect(summary.files == 2 && summary.filesMissing == 1 && summary.new == 2)
      let attached = try await Self.message(laptop).attachments
      #expect(attached.map(\.content.name) == ["a.png", "b.png", "gone.png"])
      #expect(attached.map(\.presence) == [.whole, .whole, .never])
      let again = Source(told: ["a", "b", "gone"], files: ["a": [1, 2, 3], "b": large])
      let before = try await laptop.status().vector
      #expect(try await laptop.importHistory(from: again).new == 0)
      #expect(try await laptop.status().vector == before && again.opened == ["gone"], "what is here is not read again")

      // Imported on two devices that do not know of each other, it is the same.
      _ = try await phone.importHistory(from: Source(told: ["a", "b"], files: ["a": [1, 2, 3], "b": large]))
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        #expect(try await Self.message(device).attachments.map(\.content.name) == ["a.png", "b.png", "gone.png"])
        #expect(try await device.attachmentTotals().whole == 2)
      }
      // A later export has what was missing.
      _ = try await phone.importHistory(from: Source(told: ["a", "gone"], files: ["gone": [9]]))
      try await syncAll(laptop, phone)
      #expect(try await Self.message(laptop).attachments.map(\.presence) == [.whole, .whole, .whole])
    }
  }

  /// An export of ours calls a file by its hash, and the tool that it comes from by a name of its own.
  @Test func aFileByAnotherNameIsTheSame() async throws {
    try await withDevices { laptop, phone, _ in
      _ = try await laptop.importHistory(from: Source(told: ["a"], files: ["a": [1, 2, 3]]))
      let hash = try await Self.message(laptop).attachments[0].exportName
      #expect(hash.count == 64)
      let byHash = Source(told: [hash], files: [hash: [1, 2, 3]])
      #expect(try await laptop.importHistory(from: byHash).files == 0 && byHash.opened.isEmpty)
      #expect(try await Self.message(laptop).attachments.count == 1)

      _ = try await phone.importHistory(from: Source(told: [hash], files: [hash: [1, 2, 3]]))
      #expect(try await phone.importHistory(from: Source(told: ["a"], files: ["a": [1, 2, 3]])).files == 0)
      #expect(try await Self.message(phone).attachments.map(\.presence) == [.whole])
    }
    try await withDevices { laptop, _, _ in
      let hash = String(repeating: "0a", count: 32)
      let summary = try await laptop.importHistory(from: Source(told: [hash], files: [hash: [1, 2, 3]]))
      #expect(summary.files == 0 && summary.filesMissing == 1 && summary.warnings.map(\.code) == ["damaged-file"])
      #expect(try await Self.message(laptop).attachments.map(\.presence) == [.never])
    }
  }

  @Test func whatWasTakenAwayStaysAway() async throws {
    try await withDevices { laptop, phone, _ in
      for replica in [laptop, phone] {
        _ = try await replica.importHistory(from: Source(told: ["a", "b"], files: ["a": [1, 2, 3], "b": [4]]))
      }
      let detached = try await Self.message(laptop).attachments[0]
      try await laptop.detach(detached.id)
      _ = try await laptop.importHistory(from: Source(told: ["a", "b", "c"], files: ["a": [1, 2, 3], "c": [5]]))
      #expect(try await Self.message(laptop).attachments.map(\.content.name) == ["b.png", "c.png"])

      let purged = try await Self.message(phone).attachments[0]
      try await phone.purge(purged.id, immediately: true)
      while try await phone.eraseStep() == .more {}
      let later = Source(told: ["a", "b"], files: ["a": [1, 2, 3]], updated: 1_800_000_000_000)
      _ = try await phone.importHistory(from: later)
      #expect(try await Self.message(phone).attachments.map(\.content.name) == ["b.png"])
      #expect(later.opened == [], "nor is it read")
    }
  }

  @Test func severalMessagesMayHaveOneFile() async throws {
    try await withDevices { laptop, _, _ in
      let source = Source(told: ["a"], files: ["a": [1, 2]], messages: 3)
      #expect(try await laptop.importHistory(from: source).files == 3 && source.opened == ["a"])
      let messages = try await laptop.messages(of: laptop.conversations()[0].id)
      #expect(messages.map { $0.attachments.map(\.presence) } == [[.whole], [.whole], [.whole]])
      #expect(try await laptop.attachmentTotals().whole == 1)
    }
  }

  @Test func whatWasUndoneComesAgain() async throws {
    try await withDevices { laptop, _, _ in
      _ = try await laptop.importHistory(from: Source(told: ["a"], files: ["a": [1, 2]]))
      let action = try #require(try await laptop.lastAction())
      _ = try await laptop.undo(action)
      #expect(try await laptop.conversations().isEmpty)
      _ = try await laptop.importHistory(from: Source(told: ["a"], files: ["a": [1, 2]]))
      #expect(try await Self.message(laptop).attachments.map(\.presence) == [.whole])
    }
  }

  @Test func aFileThatCameLaterComesAgainAfterAnUndo() async throws {
    try await withDevices { laptop, _, _ in
      _ = try await laptop.importHistory(from: Source(told: ["a"], files: [:]))
      _ = try await laptop.importHistory(from: Source(told: ["a"], files: ["a": [1, 2]]))
      let action = try #require(try await laptop.lastAction())
      _ = try await laptop.undo(action)
      #expect(try await Self.message(laptop).attachments.map(\.presence) == [.never])
      _ = try await laptop.importHistory(from: Source(told: ["a"], files: ["a": [1, 2]]))
      #expect(try await Self.message(laptop).attachments.map(\.presence) == [.whole])
    }
  }

  @Test func purgingAFileTakesItHoweverOftenItWasAttached() async throws {
    try await withDevices { laptop, phone, _ in
      for replica in [laptop, phone] {
        _ = try await replica.importHistory(from: Source(told: ["a"], files: ["a": [UInt8](repeating: 77, count: 500)]))
      }
      try await syncAll(laptop, phone)
      let file = try await Self.message(phone).attachments[0]
      // Also one that shows no more.
      try await phone.detach(file.id)
      #expect(try await Self.message(phone).attachments.isEmpty)
      try await phone.purge(file.id, immediately: true)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        while try await device.eraseStep() == .more {}
        #expect(try await Self.message(device).attachments.isEmpty)
        #expect(try await device.attachmentTotals().whole == 0)
      }
    }
  }

  @Test func aFileThatCannotBeReadIsToldOf() async throws {
    try await withDevices { laptop, _, _ in
      let summary = try await laptop.importHistory(from: Source(told: ["bad", "a"], files: ["bad": [], "a": [1]]))
      #expect(summary.warnings.map(\.code) == ["damaged-file"] && summary.skipped)
      #expect(try await Self.message(laptop).attachments.map(\.presence) == [.never, .whole])
    }
  }
}

import Anabranch
import Foundation
import Testing

@Suite("The past of a history") struct PastTests {
  /// What a reader of a device's home sees as of some changes: what a message says, and how often a word is found.
  private func look(_ device: Replica, at changes: [ChangeID], _ message: ObjectID, _ word: String) async throws -> (
    text: String?, hits: Int
  ) {
    let reader = try await Replica.read(at: device.home)
    try await reader.rewind(to: .changes(changes))
    let found = (try await reader.message(message).message.content?.text, try await reader.search(word).count)
    try await reader.close()
    return found
  }

  @Test(
    "Words that were purged from the past of a text show in no past, before and after their bytes go; the rest does")
  func isNoWayAroundAPurgeOfThePast() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Keys")
      let message = try await laptop.say("use hunterqzw to log in", in: chat)
      let said = try await laptop.changes(of: laptop.last())
      try await laptop.rewrite(.body, of: message, from: "use hunterqzw to log in", to: "use  to log in now")
      let edited = try await laptop.changes(of: laptop.last())
      #expect(try await look(laptop, at: said, message, "hunterqzw") == ("use hunterqzw to log in", 1))
      #expect(try await laptop.purgePast(of: .body, in: message, immediately: false) > 0)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        #expect(try await look(device, at: said, message, "hunterqzw") == ("use  to log in", 0))
        #expect(try await look(device, at: edited, message, "now") == ("use  to log in now", 1))
      }
      _ = try await laptop.purgePast(of: .body, in: message, immediately: true)
      try await syncAll(laptop, phone)
      for device in [laptop, phone] {
        while try await device.eraseStep() == .more {}
        #expect(try await look(device, at: said, message, "hunterqzw") == ("use  to log in", 0))
        #expect(try await look(device, at: edited, message, "now") == ("use  to log in now", 1))
      }
    }
  }

  @Test("A change that is not held is no point in the past")
  func needsWhatIsHeld() async throws {
    try await withDevices { laptop, _, _ in
      _ = try await laptop.newConversation("Trip")
      let log = try await laptop.status().log
      let error = await #expect(throws: AnabranchError.self) {
        _ = try await laptop.findChanges("\(log)/9999")
      }
      #expect(error?.code == .notFound)
    }
  }
}

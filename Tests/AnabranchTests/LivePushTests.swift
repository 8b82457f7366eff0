import Anabranch
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct LivePushTests {
  @Test func aMessageReachesAThirdDeviceThroughTheSecond() async throws {
    try await withDevices { laptop, phone, desktop in
      // Phone and desktop never meet: the laptop relays.
      let server = try await laptop.serve(on: "127.0.0.1:0")
      let fromPhone = try await phone.serve(on: "127.0.0.1:0", peers: [server.address])
      let fromDesktop = try await desktop.serve(on: "127.0.0.1:0", peers: [server.address])
      let news = desktop.changes
      let chat = try await phone.newConversation("Live")
      let message = try await phone.say("Can you see this?", in: chat)
      for await change in news where change.isRemote {
        if (try? await desktop.message(message)) != nil { break }
      }
      #expect(try await desktop.message(message).message.text == "Can you see this?")

      // Words that stream are pushed as soon as the answer is finished.
      let answer = try await desktop.beginMessage(in: chat)
      for word in ["Yes", ", ", "here."] { try await desktop.append(word, to: answer) }
      let back = phone.changes
      try await desktop.finishMessage(answer)
      for await _ in back {
        if let found = try? await phone.message(answer).message, found.text == "Yes, here." { break }
      }
      for server in [fromPhone, fromDesktop, server] { await server.stop() }
      let hashes = [
        try await laptop.status().stateHash, try await phone.status().stateHash, try await desktop.status().stateHash,
      ]
      #expect(Set(hashes).count == 1)
      #expect(try await phone.status().onlyHere == 0, "the laptop has acknowledged everything")
    }
  }

  @Test func thereIsOneServerAReplica() async throws {
    try await withDevices { laptop, _, _ in
      let server = try await laptop.serve(on: "127.0.0.1:0")
      await #expect(throws: AnabranchError.self, "one server a replica") {
        _ = try await laptop.serve(on: "127.0.0.1:0")
      }
      await server.stop()
      let again = try await laptop.serve(on: "127.0.0.1:0")
      await again.stop()
    }
  }

  @Test func aDeviceDoesNotSyncWithItself() async throws {
    try await withDevices { laptop, _, _ in
      let server = try await laptop.serve(on: "127.0.0.1:0")
      await #expect(throws: AnabranchError.self) { try await laptop.sync(with: server.address) }
      await #expect(throws: AnabranchError.self, "nobody listens on port 1") {
        try await laptop.sync(with: "127.0.0.1:1")
      }
      await server.stop()
    }
  }
}

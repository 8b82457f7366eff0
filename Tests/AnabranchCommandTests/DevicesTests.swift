import Foundation
import Testing

/// The devices of a space, as people see and name them.
@Suite(.timeLimit(.minutes(3))) struct DevicesTests {
  /// A laptop and a phone that know each other, by what `devices --json` says of them.
  private func withTwo(_ body: (Workplace, _ laptop: JSON, _ phone: JSON) async throws -> Void) async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let daemon = try await Daemon(place)
    try await place.json("sync", daemon.address, home: "phone")
    try await daemon.end()
    let devices = try await place.json("devices")["devices"].array
    #expect(devices.map { $0["name"].text } == ["laptop", "phone"])
    try await body(place, devices[0], devices[1])
  }

  private func roles(_ place: Workplace) async throws -> [String] {
    try await place.json("devices")["devices"].array.map { $0["role"].text }
  }

  /// A hostile device has called the laptop by the phone's key.
  @Test func whoIsConfirmedIsWhoIsRemoved() async throws {
    try await withTwo { place, laptop, phone in
      try await place.json("devices", "rename", "laptop", phone["device"].text)
      try await place.json("devices", "remove", "phone", "--yes")
      #expect(try await roles(place) == ["owner", "removed"])
    }
  }

  @Test func aNameThatIsAnothersFingerprintRedirectsNothing() async throws {
    try await withTwo { place, laptop, phone in
      let short = String(phone["device"].text.prefix(16))
      try await place.json("devices", "rename", "laptop", short)
      let error = try await place.run("devices", "remove", short, "--yes", "--json").failure("ambiguous")
      #expect(error["remedy"].text.contains("devices --json"))
      #expect(try await roles(place) == ["owner", "owner"])
      try await place.json("devices", "remove", phone["device"].text, "--yes")
      #expect(try await roles(place) == ["owner", "removed"])
    }
  }

  @Test func whoRemovesASeniorIsToldSo() async throws {
    try await withTwo { place, laptop, _ in
      let removed = try await place.run("devices", "remove", laptop["device"].text, "--yes", home: "phone")
      #expect(removed.status == 0 && removed.output.contains("It came before this device"), "\(removed)")
      #expect(removed.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
  }

  @Test func devicesAreNamedRestrictedAndRemoved() async throws {
    try await withTwo { place, laptop, phone in
      let short = String(phone["fingerprint"].text.prefix(9))
      #expect(try await place.json("devices", "rename", short, "Old phone")["name"].text == "Old phone")
      #expect(try await place.json("devices")["devices"].array.map { $0["name"].text } == ["laptop", "Old phone"])
      try #expect(await place.run("devices", "rename", "phone", "x", "--json").failure("not-found")["message"].isText)
      // Nobody is there to be asked.
      try #expect(
        await place.run("devices", "remove", "Old phone", "--json").failure("invalid")["remedy"].text.contains("--yes"))
      let restricted = try await place.json("devices", "restrict", "Old phone", "--to", "reader", "--yes")
      #expect(restricted["role"].text == "reader" && restricted["device"].text == phone["device"].text)
      try #expect(
        await place.run("devices", "restrict", "Old phone", "--to", "chief", "--yes", "--json").failure("invalid")[
          "message"
        ]
        .text.contains("chief"))
      // The daemon does it just as well.
      let daemon = try await Daemon(place)
      #expect(try await place.json("devices", "rename", "laptop", "Desk")["name"].text == "Desk")
      let removed = try await place.run("devices", "remove", "Old phone", "--yes")
      #expect(removed.output.contains("“Old phone” (\(phone["fingerprint"].text)) is kept out from now on"))
      #expect(!removed.output.contains("It came before this device"))
      #expect(try await roles(place) == ["owner", "removed"])
      // Once more changes nothing, and nobody is asked.
      let again = try await place.run("devices", "restrict", "Old phone", "--to", "reader")
      #expect(again.output.contains("is kept out already; nothing was changed"))
      #expect(try await place.run("status").output.contains("is kept out"))
      #expect(try await place.json("status")["peers"].array.map { $0["isKeptOut"].bool } == [true])
      let ended = try await place.run("sync", daemon.address, home: "phone")
      #expect(ended.status == 1)
      try await daemon.end()
    }
  }
}

import Foundation
import Testing

/// A client of the protocol that somebody else wrote, in Python, from `docs/protocol.md` and `docs/format.md` alone.
@Suite(.timeLimit(.minutes(3))) struct InteropTests {
  /// A Python with the packages noiseprotocol and cryptography.
  private static let python = ProcessInfo.processInfo.environment["NOISE_PYTHON"]
  private static let client = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Interop/anabranch_client.py").path

  @Test(.enabled(if: python != nil, "set NOISE_PYTHON to a Python that has noiseprotocol and cryptography"))
  func itComesInAndWhatItSaysReachesAThird() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "By tram?")
    let script = """
      client() { "$PYTHON" "$CLIENT" --state "$folder/python" "$@"; }
      code() { sed -n 's/.*"code":"\\([^"]*\\)".*/\\1/p' "$folder/$1" | head -1; }
      $anabranch pair --yes --json --listen 127.0.0.1:0 > "$folder/first" & pair=$!
      until [ -s "$folder/first" ]; do sleep 0.02; done
      client pair "$(code first)" --name Python >&2 || exit 1
      wait $pair
      client list | grep -q 'By tram?' || exit 2
      client verify | grep -q '"ok": *true' || exit 3
      client say \(id) 'Or by train? 🚋' >&2 || exit 4
      $anabranch serve --listen 127.0.0.1:0 --json > "$folder/serving" & server=$!
      until [ -s "$folder/serving" ]; do sleep 0.02; done
      client sync "$(sed -n 's/.*"address":"\\([^"]*\\)".*/\\1/p' "$folder/serving" | head -1)" >&2 || exit 5
      $anabranch pair --yes --json > "$folder/second" & pair=$!
      until [ -s "$folder/second" ]; do sleep 0.02; done
      $anabranch --home "$folder/phone" join "$(code second)" --name phone >&2 || exit 6
      wait $pair; kill -TERM $server; wait $server
      """
    let result = try await place.shell(
      script, with: ["PYTHON": Self.python ?? "", "CLIENT": Self.client])
    #expect(result.status == 0, "\(result)")
    let messages = try await place.json("show", id, home: "phone")["messages"].array
    #expect(messages.map { $0["text"].text } == ["By tram?", "Or by train? 🚋"])
    for home in ["laptop", "phone"] { #expect(try await place.json("verify", home: home)["ok"].bool == true) }
    let devices = try await place.json("devices", home: "phone")["devices"].array
    #expect(devices.map { $0["name"].text } == ["laptop", "Python", "phone"])
  }
}

import Foundation
import Testing

/// Disks that are full, and those that cannot be written: small ones of memory, mounted for the test alone.
@Suite(.enabled(if: Disk.canMount, "needs root and the right to mount"), .timeLimit(.minutes(3)))
struct DiskTests {
  @Test func aFullDiskLosesNothing() async throws {
    let place = try Workplace()
    let file = try place.write(Histories.chatGPT(conversations: 60, messages: 40), to: "export.json")
    let result = try await Disk.shell(
      place, size: "3m",
      """
      $anabranch init --name laptop >&2
      id=$($anabranch new Trip --json | sed 's/.*"conversation":"\\([0-9a-f]*\\)".*/\\1/')
      $anabranch say $id "kept" >&2
      hash() { $anabranch status --json | sed 's/.*"stateHash":"\\([0-9a-f]*\\)".*/\\1/'; }
      before=$(hash)
      dd if=/dev/zero of="$ANABRANCH_HOME/filler" bs=4k 2>/dev/null
      head -c 200000 /dev/zero | tr '\\0' x | $anabranch say $id --json 2>&1; echo "say $?"
      $anabranch import "\(file)" --json 2>&1; echo "import $?"
      $anabranch export --format jsonl -o "$ANABRANCH_HOME/out" --json 2>&1; echo "export $?"
      $anabranch backup "$ANABRANCH_HOME/backup" --json 2>&1; echo "backup $?"
      $anabranch --home "$ANABRANCH_HOME/second" init --name x --json 2>&1; echo "init $?"
      ls "$ANABRANCH_HOME" | tr '\\n' ' '; echo
      ls "$ANABRANCH_HOME/second" 2>/dev/null | grep -c history
      $anabranch list --json >/dev/null; echo "list $?"
      rm "$ANABRANCH_HOME/filler"
      $anabranch verify --json >/dev/null; echo "verify $?"
      [ "$(hash)" = "$before" ]; echo "same $?"
      $anabranch say $id "after" >/dev/null; echo "say $?"
      """)
    var lines = result.output.split(separator: "\n").map(String.init)
    for command in ["say", "import", "export", "backup", "init"] {
      try #require(lines.count > 2, "\(result)")
      let failure = Command.Result(status: 1, output: "", errors: lines.removeFirst() + "\n")
      try failure.failure("disk-full")
      #expect(lines.removeFirst() == "\(command) 1")
    }
    let left = lines.removeFirst()
    #expect(!left.contains("partial") && !left.contains("out") && !left.contains("backup"), "\(left)")
    #expect(lines == ["0", "list 0", "verify 0", "same 0", "say 0"], "\(result)")
  }

  @Test func anImportThatFillsTheDiskIsCompletedLater() async throws {
    let place = try Workplace()
    let file = try place.write(Histories.chatGPT(conversations: 60, messages: 60), to: "export.json")
    let result = try await Disk.shell(
      place, size: "1500k",
      """
      $anabranch init --name laptop >&2
      $anabranch import "\(file)" --json 2>&1; echo "import $?"
      mount -o remount,size=64m "$folder/disk"
      $anabranch verify --json >/dev/null; echo "verify $?"
      $anabranch import "\(file)" --json >/dev/null; echo "import $?"
      $anabranch status --json
      $anabranch verify --json >/dev/null; echo "verify $?"
      """)
    let lines = result.output.split(separator: "\n")
    try #require(lines.count == 6, "\(result)")
    let error = try Command.Result(status: 1, output: "", errors: lines[0] + "\n").failure("disk-full")
    #expect(error["message"].text.hasSuffix("what was read so far is kept"))
    #expect(error["remedy"].text.contains("run it again"))
    #expect([lines[1], lines[2], lines[3], lines[5]] == ["import 1", "verify 0", "import 0", "verify 0"])
    #expect(lines[4].contains("\"messages\":3601"))
  }

  @Test func aDiskThatCannotBeWrittenIsNamed() async throws {
    let place = try Workplace()
    let result = try await Disk.shell(
      place, size: "8m",
      """
      $anabranch init --name laptop >&2
      $anabranch new Trip >&2
      mount -o remount,ro "$folder/disk"
      $anabranch new Other --json 2>&1; echo "new $?"
      $anabranch --home "$ANABRANCH_HOME/other" init --name x --json 2>&1; echo "init $?"
      $anabranch list --json 2>&1; echo "list $?"
      $anabranch serve --listen 127.0.0.1:0 --json 2>&1; echo "serve $?"
      """)
    let lines = result.output.split(separator: "\n")
    try #require(lines.count == 8, "\(result)")
    for line in [0, 2, 4, 6] { try Command.Result(status: 1, output: "", errors: lines[line] + "\n").failure("io") }
    #expect([lines[1], lines[3], lines[5], lines[7]] == ["new 1", "init 1", "list 1", "serve 1"])
  }
}

/// A disk of memory in a mount namespace of one shell, with which it goes.
enum Disk {
  static let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "unshare -m mount -t tmpfs -o size=1m tmpfs /mnt 2>/dev/null"]
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Runs a script with a disk of that size at `$folder/disk`, where the home lies.
  static func shell(_ place: Workplace, size: String, _ script: String) async throws -> Command.Result {
    let whole = "mkdir -p \"$folder/disk\"; mount -t tmpfs -o size=\(size) tmpfs \"$folder/disk\" || exit 99\n" + script
    let environment = place.environment(home: "disk/laptop")
      .merging(["anabranch": Command.path, "folder": place.folder]) { $1 }
    return try await Command.run(
      "/usr/bin/env", ["unshare", "-m", "/bin/bash", "-c", whole], environment: environment)
  }
}

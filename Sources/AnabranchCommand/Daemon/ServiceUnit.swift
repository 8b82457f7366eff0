internal import Anabranch
internal import Foundation

/// What has the system run the daemon whenever its person is there: a systemd user unit, or on macOS an agent of launchd.
struct ServiceUnit {
  /// The program, as it was called.
  var program: String
  /// What it is called with.
  var arguments: [String]
  /// The replica's folder; each has a service of its own.
  var home: Home

  /// The program that runs, and what it is to be called with to serve `home`.
  init(
    serving home: Home, listen: String, peers: [String], isDiscovering: Bool, passphraseFile: String?
  ) throws(AnabranchError) {
    guard let program = Bundle.main.executablePath else {
      throw AnabranchError(.notFound, "this system does not say where the program lies")
    }
    self.init(
      program: program, serving: home, listen: listen, peers: peers, isDiscovering: isDiscovering,
      passphraseFile: passphraseFile)
  }

  init(
    program: String, serving home: Home, listen: String, peers: [String], isDiscovering: Bool = true,
    passphraseFile: String? = nil
  ) {
    self.program = program
    self.home = home
    arguments =
      ["serve", "--home", home.path, "--listen", listen, "--json"] + peers.flatMap { ["--peer", $0] }
      + (isDiscovering ? [] : ["--no-discovery"])
      + (passphraseFile.map { ["--passphrase-file", $0] } ?? [])
  }

  /// What the system calls it: `anabranch`, and for a folder other than the usual one its name.
  var name: String {
    let folder = URL(fileURLWithPath: home.path).lastPathComponent
    let word = folder.unicodeScalars.map { CharacterSet.alphanumerics.contains($0) && $0.isASCII ? Character($0) : "-" }
    return folder == "anabranch" ? "anabranch" : "anabranch-" + String(word)
  }

  // MARK: systemd

  /// The unit, as systemd.service(5) has it.
  var systemd: String {
    """
    # Written by `anabranch serve --install`, which writes it anew.
    [Unit]
    Description=Anabranch: the history of your conversations
    After=network.target

    [Service]
    ExecStart=\(([program] + arguments).map(Self.quoted).joined(separator: " "))
    Restart=on-failure
    RestartSec=5
    UMask=0077
    NoNewPrivileges=yes

    [Install]
    WantedBy=default.target

    """
  }

  /// A word of a command line, in which nothing means anything but itself.
  static func quoted(_ word: String) -> String {
    let escaped = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
      .replacing("$", with: "$$")
    return "\"\(escaped)\""
  }

  // MARK: launchd

  /// The agent, as launchd.plist(5) has it.
  var launchd: String {
    let words = ([program] + arguments).map { "    <string>\(Self.escaped($0))</string>" }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <!-- Written by the command serve with its option install, which writes it anew. -->
      <plist version="1.0">
      <dict>
        <key>Label</key>
        <string>\(Self.escaped(name))</string>
        <key>ProgramArguments</key>
        <array>
      \(words.joined(separator: "\n"))
        </array>
        <key>RunAtLoad</key>
        <true/>
        <key>KeepAlive</key>
        <dict><key>SuccessfulExit</key><false/></dict>
      </dict>
      </plist>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  // MARK: Installing

  /// Writes it where the system looks for it, in place of one from before. Returns the file, and the command that starts it. Throws
  /// ``AnabranchError/Code/exists`` where one of that name serves another folder, and leaves that as it is.
  func install(in environment: [String: String]) throws(AnabranchError) -> (file: String, start: String) {
    guard let user = environment["HOME"], user.hasPrefix("/") else {
      throw AnabranchError(.notFound, "expected HOME to name a folder", remedy: "set it, and run this again")
    }
    #if os(macOS)
      let (folder, file, text) = (user + "/Library/LaunchAgents", "\(name).plist", launchd)
      let place = "<string>\(Self.escaped(home.path))</string>"
      let start = "launchctl load -w \(folder)/\(file)"
    #else
      let config = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? user + "/.config"
      let (folder, file, text) = (config + "/systemd/user", "\(name).service", systemd)
      let place = "\(Self.quoted("--home")) \(Self.quoted(home.path)) "
      let start = "systemctl --user daemon-reload && systemctl --user enable --now \(name)"
    #endif
    guard !text.contains("\0"), !([program] + arguments).contains(where: { $0.contains(where: \.isNewline) }) else {
      throw AnabranchError(.invalid, "a path with a line break in it cannot be put into a service")
    }
    let path = folder + "/" + file
    if let before = try? String(contentsOfFile: path, encoding: .utf8), before.contains("--home"),
      !before.contains(place)
    {
      throw AnabranchError(
        .exists, "\(path) serves another folder, and was left as it is",
        remedy: "rename \(home.path), or remove that file")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw AnabranchError(
        .io, "\(path) cannot be written: \(error.localizedDescription)", remedy: "check that it is yours")
    }
    return (path, start)
  }
}

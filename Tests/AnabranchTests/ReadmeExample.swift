import Anabranch

/// The README's lines, compiled. ``ReadmeTests`` compares them with the README and runs them.
enum ReadmeExample {
  static func run(in folder: String) async throws {
    // README
    let laptop = try await Replica.create(at: Home(folder + "/laptop"), name: "Laptop")
    let phone = try await Replica.create(at: Home(folder + "/phone"), name: "Phone")
    print("write down:", try await laptop.found())  // a space of one's own, and its recovery phrase
    let trip = try await laptop.newConversation("Three days in Lisbon")
    try await laptop.say("Where should we stay?", in: trip)
    let server = try await laptop.serve(on: "127.0.0.1:0")  // at home on the laptop
    let invitation = try await laptop.invite()
    async let newcomer = laptop.admit(by: invitation)  // or ask a person first: see `InvitationEvent`
    try await phone.join(invitation.code)  // and now on the phone as well
    print(try await newcomer.name, "is in")
    try await phone.say("Alfama. Mind the stairs.", in: trip, as: .assistant)
    try await phone.sync(with: server.address)
    for message in try await laptop.messages(of: trip) { print(message.role.name, message.text) }
    for await change in laptop.changes where change.isRemote { print("news in", change.conversations) }
    // README
    _ = server
  }
}

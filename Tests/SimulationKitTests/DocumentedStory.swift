import SimulationKit

let documentedStory = Scenario(
  "lost-charger", "A laptop dies in mid-sentence; the phone goes on alone; the laptop comes back.",
  devices: ["laptop", "phone"]
) { stage in
  let (laptop, phone) = (stage["laptop"], stage["phone"])
  let letter = try laptop.start("Letter")
  try stage.settle()
  try laptop.stream(["Dear ", "Ada, "], in: letter)
  laptop.losePower(for: .hours(2))
  try phone.say("what was I writing?", in: letter)
  try stage.pass(.hours(3))
  try stage.settle()
  for device in stage.devices {
    try stage.expect(device.reading(of: letter).contains("Dear Ada, "), "\(device.name) has every word")
    try stage.expect(device.reading(of: letter).count == 2, "and both messages")
  }
}

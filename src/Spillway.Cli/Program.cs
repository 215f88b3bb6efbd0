using System.CommandLine;
using System.CommandLine.Help;

// Not a RootCommand: that would take its name from the assembly, and the command is called spillway.
var command = new Command("spillway", "Publishes an event once and pushes it to every subscriber.") { new HelpOption(), new VersionOption() };
return await command.Parse(args).InvokeAsync();

using Spillway.Cli;
using Spillway.Tests.Cli;

namespace Spillway.Tests.Demo;

public sealed class DemoOptionsTests
{
    [Theory]
    [InlineData("--sensors", "1001", "--sensors is \"1001\"; give it a whole number from 1 to 1000.")]
    [InlineData("--rate", "0", "--rate is \"0\"; give it a whole number from 1 to 10000.")]
    [InlineData("--seed", "-1", "--seed is \"-1\"; give it a whole number from 0 to 2147483647.")]
    [InlineData("--urls", "https://127.0.0.1:8443", "--urls is \"https://127.0.0.1:8443\"; give the demo one http URL")]
    [InlineData("--urls", "http://127.0.0.1:1;http://127.0.0.1:2", "give the demo one http URL")]
    [InlineData("--urls", "http://0.0.0.0:0", "http://0.0.0.0:0")]
    public async Task Demo_WrongValue_SaysWhichAndWhatToDo(string option, string value, string expected)
    {
        var run = new CliRun();

        var exitCode = await run.RunAsync("demo", option, value);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(expected, run.Error.ToString(), StringComparison.Ordinal);
    }
}

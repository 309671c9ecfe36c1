"""Every configuration that chart and compose file write is one that the program reads."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import plan

YUHUI = os.environ.get("YUHUI_BIN")


def knows_settings():
    """Whether there is a program, and it can show the settings that result."""
    return YUHUI and subprocess.run([YUHUI, "config", "--help"], capture_output=True).returncode == 0


@unittest.skipUnless(knows_settings(), "no YUHUI_BIN that shows its settings")
class Settings(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            return subprocess.run([YUHUI, "config", "show", "--config", pathlib.Path(file.name)],
                                  capture_output=True, text=True)

    def test_no_key_is_unknown(self):
        texts = {f"compose {name}": it["content"] for name, it in plan.compose()["configs"].items()}
        for values in ("minimal", "all", "bare"):
            for name, it in plan.of_kind(plan.render(values), "ConfigMap").items():
                texts |= {f"{values} {name} {key}": text for key, text in it["data"].items()}
        for name, text in texts.items():
            with self.subTest(name):
                done = self.read(text)
                self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("max_conections", self.read(text + "\nmax_conections = 3\n").stderr)


if __name__ == "__main__":
    unittest.main()

"""Settings of companies and of the installation."""

from . import (
    ir_module_module,
    res_company,
    res_config_settings,
)
